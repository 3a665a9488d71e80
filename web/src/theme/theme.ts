import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#e9f6f7",
  "#d3eaed",
  "#a5d4da",
  "#72bcc6",
  "#48a6b3",
  "#2b95a4",
  "#14808f",
  "#0b6c7a",
  "#075965",
  "#034751",
];

/** Mantine's greys of the dark scheme, tinted like the console's own surfaces. */
const dark: MantineColorsTuple = [
  "#e7eeef",
  "#b0bfc4",
  "#8d9ea4",
  "#6a7b81",
  "#37464c",
  "#222d31",
  "#182226",
  "#12191c",
  "#0e1517",
  "#0a0f11",
];

/** Mantine dressed in the console's own colours, sizes and type. */
export const theme = createTheme({
  colors: { petrol, dark },
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  fontFamily: "var(--font-text)",
  fontFamilyMonospace: "var(--font-code)",
  headings: { fontFamily: "var(--font-text)", fontWeight: "600" },
  defaultRadius: 6,
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" }, styles: { root: { fontWeight: 500 } } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, fz: "xs" } },
    Menu: { defaultProps: { shadow: "md", position: "bottom-end" } },
    Modal: {
      defaultProps: {
        radius: 10,
        padding: "lg",
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { "aria-label": "Close" },
      },
      styles: { title: { fontWeight: 600, fontSize: 16 } },
    },
  },
});

/** Maps Mantine's surface variables onto tokens.css, so that both follow one switch. */
export const cssVariables: CSSVariablesResolver = () => {
  const both = {
    "--mantine-color-body": "var(--surface)",
    "--mantine-color-text": "var(--text)",
    "--mantine-color-dimmed": "var(--text-faint)",
    "--mantine-color-anchor": "var(--accent)",
    "--mantine-color-default": "var(--surface)",
    "--mantine-color-default-hover": "var(--hover)",
    "--mantine-color-default-color": "var(--text)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-placeholder": "var(--text-faint)",
    "--mantine-color-error": "var(--bad)",
    "--mantine-color-petrol-light": "var(--accent-wash)",
    "--mantine-color-petrol-light-color": "var(--accent)",
    "--mantine-color-petrol-outline": "var(--accent)",
    "--mantine-color-petrol-text": "var(--accent)",
  };
  return { variables: {}, light: both, dark: both };
};
