/** The mark: two file strokes that make an F. */
export function Brand({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <path d="M7 5h19v5.6H13.4L7 17z" fill="#e0915a" />
      <path d="M7 20.4 12.7 14.6H22.4v5.4H14.6L13 21.6V27H7z" fill="#7cc4cd" />
    </svg>
  );
}
