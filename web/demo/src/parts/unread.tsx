import type { MunjigiError } from 'munjigi';
import { t } from '../texts';

export const Unread = ({ error }: { error: MunjigiError }) => (
  <li role="alert">
    {t.devices.failed} {error.message}
  </li>
);
