/** Ways to write a name or a value. */

/** `TargetUserName` → `target_user_name`, `HTTPStatus` → `http_status`. */
export function snakeCase(text: string): string {
  return text
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** The first letter of each run of letters large, the others small. */
export function titleCase(text: string): string {
  return text.toLowerCase().replace(/[a-z]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}
