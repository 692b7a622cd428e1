/** Text as it is, whatever markdown would make of it; on one line. */
export function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()<>#+\-.!|~&:@]/g, '\\$&');
}
