import { useEffect, useState } from 'react';
import { useAuth } from 'munjigi/react';
import { t } from '../texts';

export function Lifetime() {
  const auth = useAuth();
  const expiresAt = auth.status === 'signed-in' ? auth.expiresAt : 0;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.round((expiresAt - now) / 1000);
  return (
    <p className="quiet">{seconds > 0 ? `${t.left(Math.floor(seconds / 60), seconds % 60)} ${t.renewed}` : t.over}</p>
  );
}
