export const vi = {
  'key.down': 'Xuống dòng dưới',
  'key.up': 'Lên dòng trên',
  'key.open': 'Mở dòng đang chọn',
  'key.leave': 'Đóng khung chi tiết',
  'key.select': 'Đánh dấu dòng',
  'key.search': 'Tìm trong danh sách',
  leave: 'Đóng khung chi tiết',
  selected: 'Đã chọn {{count, number}}',
  clear: 'Bỏ chọn',
} as const;
