//! Refresh tokens: a family's name in the first half of their bits, a secret in the other.

use valetkey_oauth2::{Handle, HandleKind, Timestamp};
use valetkey_ports::{AccessRecord, Client, FamilyId, NewRefresh, RefreshRecord, Rotation};

use crate::{Engine, Failure};

/// What a successor is sealed for.
pub(crate) const SUCCESSOR: &str = "refresh successor";

/// Begins a family, which does not outlive `until`.
pub(super) fn begin(
    engine: &Engine,
    client: &Client,
    until: Option<Timestamp>,
    now: Timestamp,
) -> (Handle, NewRefresh) {
    let family = FamilyId::from_bytes(engine.ports().random.bytes());
    let handle = member(engine, &family);
    let lifetimes = &engine.policy().lifetimes;
    let absolute = now.plus(client.lifetimes.refresh_absolute.unwrap_or(lifetimes.refresh_absolute));
    let absolute = until.map_or(absolute, |until| absolute.min(until));
    let new = NewRefresh {
        family,
        current: handle.hash(),
        idle_expires_at: idle(engine, client, now).min(absolute),
        absolute_expires_at: absolute,
    };
    (handle, new)
}

/// Makes the next member and everything that the store must keep for a retry.
pub(super) fn rotate(
    engine: &Engine,
    client: &Client,
    record: &RefreshRecord,
    presented: &Handle,
    binding: [u8; 32],
    access: Option<AccessRecord>,
    now: Timestamp,
) -> Result<(Handle, Rotation), Failure> {
    let family = record.family;
    let successor = member(engine, &family);
    let sealed = engine
        .sealer()
        .seal_under(
            SUCCESSOR,
            presented.expose().as_bytes(),
            family.as_bytes(),
            successor.expose().as_bytes(),
        )
        .map_err(|_| Failure::Internal("a successor cannot be sealed".into()))?;
    let rotation = Rotation {
        family,
        from: presented.hash(),
        to: successor.hash(),
        successor: sealed,
        retry_binding: binding,
        idle_expires_at: idle(engine, client, now).min(record.facts.absolute_expires_at),
        access,
        // The first rotation of every minute writes the use down.
        marks_use: now.seconds().div_euclid(60) != record.facts.rotated_at.seconds().div_euclid(60),
        now,
    };
    Ok((successor, rotation))
}

fn member(engine: &Engine, family: &FamilyId) -> Handle {
    let mut bits = [0; 32];
    let (name, secret) = bits.split_at_mut(16);
    name.copy_from_slice(family.as_bytes());
    engine.ports().random.fill(secret);
    Handle::mint(HandleKind::RefreshToken, &bits)
}

fn idle(engine: &Engine, client: &Client, now: Timestamp) -> Timestamp {
    now.plus(client.lifetimes.refresh_idle.unwrap_or(engine.policy().lifetimes.refresh_idle))
}
