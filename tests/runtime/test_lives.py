"""When records come, change and end."""

from __future__ import annotations

from random import Random

import pytest

from dutyrules.runtime.instances import Instance
from dutyrules.runtime.lives import lives_in
from dutyrules.runtime.store import Bucket


def drawn(seed: int) -> tuple[Bucket, list[Instance]]:
    """Return a bucket with some records, and these."""
    random = Random(seed)  # noqa: S311 - the same records in every run
    bucket, records = Bucket(("recs", "job")), []
    for number in range(random.randint(0, 12)):
        opened = random.randint(0, 20)
        closed = random.choice((None, opened, opened + random.randint(1, 9)))
        steps = tuple((opened + after, {}) for after in sorted(random.sample(range(12), random.randint(0, 2))))
        record = Instance("job", (number,), f"j{number}", opened, closed, ((opened, {}), *steps), (), {}, None)
        records.append(record)
        bucket.add(opened, record.id, record)
    return bucket, records


@pytest.mark.parametrize("seed", range(20))
def test_lives_say_what_a_look_at_each_record_says(seed: int) -> None:
    """at each instant as many are open as are open one by one, and those are told of that change later"""
    bucket, records = drawn(seed)
    for at in range(-1, 35):
        assert lives_in(bucket).open_at(at) == sum(one.is_open(at) for one in records)
        later = {
            one.id for one in records if max(one.opened, one.closed or 0, *(time for time, _fields in one.steps)) > at
        }
        assert {name for _time, name, _record in lives_in(bucket).changing_after(at)} == later


def test_a_record_that_comes_is_counted() -> None:
    """what was worked out counts until a record comes or goes"""
    bucket = Bucket(("recs", "job"))
    assert lives_in(bucket).open_at(5) == 0
    record = Instance("job", (1,), "j1", 3, None, ((3, {}),), (), {}, None)
    bucket.add(3, "j1", record)
    assert lives_in(bucket).open_at(5) == 1
    bucket.remove(3, "j1")
    assert lives_in(bucket).open_at(5) == 0
