//! How a batch is dealt out to several connections, where one statement cannot do many writes: what one of them waits for, an
//! answer or a commit, the others do not wait for.

use super::{Write, batch::Plan};

/// Transactions at once: half of the connections, the others being left to readers.
const LANES: usize = 8;

/// Parts of `batch` that do not touch the same session or person, and what has to follow them.
pub(super) fn of(batch: Vec<Write>) -> (Vec<Vec<Write>>, Vec<Write>) {
    let (first, later) = Plan::of(&batch).in_order();
    let mut batch: Vec<_> = batch.into_iter().map(Some).collect();
    let mut lanes: Vec<Vec<Write>> = (0..LANES.min(first.len())).map(|_| Vec::new()).collect();
    for (turn, place) in first.into_iter().enumerate() {
        lanes[turn % LANES].extend(batch[place].take());
    }
    (lanes, later.into_iter().filter_map(|place| batch[place].take()).collect())
}
