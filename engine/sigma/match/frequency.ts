/** Guesses of how often a text is found in events: they decide what is looked for first, never what matches. */

/** Texts so common in events that finding a part of them says little. */
const COMMON: readonly string[] = [
  'c:\\windows\\system32\\cmd.exe',
  'c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe',
  'c:\\windows\\syswow64\\',
  'c:\\windows\\system32\\svchost.exe -k',
  'c:\\windows\\explorer.exe',
  'c:\\windows\\system32\\services.exe',
  'c:\\windows\\system32\\rundll32.exe',
  'c:\\program files (x86)\\microsoft',
  'c:\\program files\\',
  'c:\\users\\administrator\\appdata\\local\\temp\\',
  'c:\\programdata\\microsoft\\windows',
  'hklm\\software\\microsoft\\windows\\currentversion\\',
  'hklm\\system\\currentcontrolset\\services\\',
  '\\software\\microsoft\\windows nt\\currentversion\\',
  'nt authority\\system',
  'microsoft corporation',
  'microsoft® windows® operating system',
  'http://www.',
  'https://',
  '.dll',
  '.exe',
  '.com',
  '.ps1',
  '.tmp',
  ' /c ',
  ' -c ',
  'c:\\windows\\system32\\conhost.exe 0xffffffff -forcev1',
  'c:\\windows\\system32\\ntdll.dll+',
  'c:\\windows\\system32\\kernelbase.dll+',
  'service control manager',
  'dword (0x00000000)',
  'dword (0x00000001)',
  's-1-16-16384',
  's-1-16-12288',
  's-1-16-8192',
  '0x3e7',
  'system',
  'medium',
  'high',
  'valid',
  'true',
  'false',
];
/** Those that nearly every event of some kind holds. */
export const EVERYWHERE = 0.3;

/** How often a folded literal is found, as a guess between 0 and 1. */
export function frequencyOf(literal: string): number {
  if (literal.length < 2) return 0.5;
  if (COMMON.some((text) => text.includes(literal) || (literal.length < text.length + 3 && literal.includes(text)))) return EVERYWHERE;
  let weight = 0;
  for (const character of literal) weight += /[a-z]/.test(character) ? 0.55 : /[ \\.:/-]/.test(character) ? 0.35 : 0.8;
  return Math.max(1e-5, 0.4 * 10 ** -(weight / 2.2));
}
