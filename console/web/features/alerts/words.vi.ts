export const vi = {
  title: 'Cảnh báo',
} as const;
