import { press, useLastPress } from '../press';
import { t } from '../texts';

interface ButtonProps {
  name: keyof typeof t.press;
  /** Which one of several; their labels tell them apart. */
  of?: { id: string; label: string };
  onPress: () => unknown;
}

/** Busy while its work lasts; `disabled` would take the focus away. */
export function Button({ name, of, onPress }: ButtonProps) {
  const last = useLastPress();
  const full = of ? `${name} ${of.id}` : name;
  const isBusy = last?.name === full && last.isBusy;
  return (
    <button
      className="button"
      type="button"
      aria-label={of?.label}
      aria-busy={isBusy || undefined}
      onClick={() => press(full, onPress)}
    >
      {t.press[name]}
    </button>
  );
}
