/** Mantine dressed in the console's own tokens (`theme.css`). */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const accent: MantineColorsTuple = [
  '#e6edfb',
  '#cfdcf6',
  '#a9c3fb',
  '#7aa7ff',
  '#7aa7ff',
  '#4a7fe4',
  '#2a62d4',
  '#2356bd',
  '#1d49a2',
  '#173c86',
];

/** Mantine takes its greys from these: dark from text to base, light from base to text. */
const dark: MantineColorsTuple = [
  '#e6ebf0',
  '#c5ced6',
  '#a3afbb',
  '#6f7d8b',
  '#3a4653',
  '#1d252e',
  '#161c23',
  '#0f1419',
  '#0c1014',
  '#090c0f',
];
const gray: MantineColorsTuple = [
  '#f7f8fa',
  '#eff1f4',
  '#e4e8ed',
  '#d9dee4',
  '#c3cad2',
  '#a3adb8',
  '#5d6975',
  '#4f5b67',
  '#2b333c',
  '#161c23',
];

const small = { defaultProps: { size: 'xs' } } as const;

/** What floats is set apart by a line, not by a shadow. */
const edge = { border: '1px solid var(--vg-line-strong)' };

export const theme = createTheme({
  fontFamily: 'var(--vg-sans)',
  fontFamilyMonospace: 'var(--vg-mono)',
  headings: { fontFamily: 'var(--vg-sans)', fontWeight: '600' },
  colors: { accent, dark, gray },
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 3 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 4,
  radius: { xs: '4px', sm: '4px', md: '4px', lg: '4px', xl: '4px' },
  shadows: { xs: 'none', sm: 'none', md: 'none', lg: 'none', xl: 'none' },
  fontSizes: { xs: '13px', sm: '13px', md: '13px', lg: '14px', xl: '16px' },
  lineHeights: { xs: '1.5', sm: '1.5', md: '1.5', lg: '1.5', xl: '1.5' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    InputWrapper: { styles: { label: { marginBottom: 4 }, description: { marginBottom: 4 } } },
    Button: { defaultProps: { size: 'xs', fw: 500 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 28 } },
    TextInput: small,
    PasswordInput: small,
    Textarea: small,
    Select: small,
    NumberInput: small,
    Checkbox: small,
    Switch: small,
    SegmentedControl: small,
    Menu: { styles: { dropdown: edge }, defaultProps: { transitionProps: { duration: 0 }, offset: 4 } },
    Popover: { styles: { dropdown: edge }, defaultProps: { transitionProps: { duration: 0 }, offset: 4 } },
    Modal: {
      styles: { content: edge },
      defaultProps: { transitionProps: { duration: 0 }, centered: true, overlayProps: { backgroundOpacity: 0.4 } },
    },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 0 } } },
  },
});

const shared = {
  '--mantine-color-body': 'var(--vg-panel)',
  '--mantine-color-text': 'var(--vg-text)',
  '--mantine-color-bright': 'var(--vg-text)',
  '--mantine-color-dimmed': 'var(--vg-dim)',
  '--mantine-color-placeholder': 'var(--vg-dim)',
  '--mantine-color-anchor': 'var(--vg-accent)',
  '--mantine-color-default': 'var(--vg-panel)',
  '--mantine-color-default-hover': 'var(--vg-hover)',
  '--mantine-color-default-color': 'var(--vg-text)',
  '--mantine-color-default-border': 'var(--vg-line)',
  '--mantine-color-error': 'var(--vg-critical)',
  '--mantine-color-gray-light-color': 'var(--vg-icon)',
  '--mantine-color-gray-light-hover': 'var(--vg-hover)',
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
