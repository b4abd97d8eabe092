'use client';
import type { HTMLAttributes } from 'react';
import { useUser } from './hooks.js';

/** Picture and name of whoever is signed in; nothing otherwise. */
export function UserBadge(props: HTMLAttributes<HTMLSpanElement>) {
  const user = useUser();
  return (
    user && (
      <span {...props}>
        {user.profile_image && <img src={user.profile_image} alt="" width={32} height={32} referrerPolicy="no-referrer" />}{' '}
        {user.nickname ?? user.username}
      </span>
    )
  );
}
