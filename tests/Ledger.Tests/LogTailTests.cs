using CsCheck;

namespace Actors.Ledger.Tests;

/// <summary>What readers of the whole log share.</summary>
public sealed partial class LogTailTests
{
    private readonly Log _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_reads_nothing_is_read()
    {
        await using var tail = _log.Tail();
        _log.Grow(100);

        Assert.Empty((await tail.ReadAsync(_log.Horizon, 10, Cancel)).Events);
        Assert.Equal(0, _log.Reads);
    }

    [Fact]
    public async Task What_one_reader_has_read_the_others_get_from_memory()
    {
        await using var tail = _log.Tail();
        _log.Grow(6);
        var first = await tail.ReadAsync(0, 100, Cancel);
        var pages = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => tail.ReadAsync(0, 100, Cancel)));

        Assert.All(pages, page => Assert.Equal(first.Events, page.Events));
        Assert.Equal(_log.Final, first.Events);
        Assert.Equal(1, _log.Reads);
    }

    [Fact]
    public async Task Those_who_wait_for_the_same_page_share_one_read_and_one_who_goes_away_ends_it_for_nobody()
    {
        await using var tail = _log.Tail();
        _log.Grow(6);
        _log.Hold();
        using var gone = new CancellationTokenSource();
        var leaves = tail.ReadAsync(0, 100, gone.Token);
        var stays = Enumerable.Range(0, 4).Select(_ => tail.ReadAsync(0, 100, Cancel)).ToArray();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        _log.LetGo();

        Assert.All(await Task.WhenAll(stays), page => Assert.Equal(_log.Final, page.Events));
        Assert.Equal(1, _log.Reads);
    }

    [Fact]
    public async Task A_reader_that_lags_reads_by_itself_and_the_others_keep_what_they_share()
    {
        await using var tail = _log.Tail();
        _log.Grow(200);
        var tip = _log.Final[^6].Seq;
        await tail.ReadAsync(tip, 100, Cancel);
        var behind = await tail.ReadAsync(0, 20, Cancel);
        var again = await tail.ReadAsync(tip, 100, Cancel);

        Assert.Equal(_log.Final.Take(20), behind.Events);
        Assert.Equal(_log.Final.TakeLast(5), again.Events);
        Assert.Equal(2, _log.Reads);
    }

    [Fact]
    public async Task What_is_past_its_time_is_left_to_the_storage_to_give()
    {
        await using var tail = _log.Tail();
        _log.Grow(6);
        await tail.ReadAsync(0, 100, Cancel);
        _log.Drop(3);

        Assert.Equal(_log.Earliest, (await tail.ReadAsync(0, 100, Cancel)).Earliest);
        Assert.Equal(_log.Final.Skip(3), (await tail.ReadAsync(_log.Earliest, 100, Cancel)).Events);
    }

    [Fact]
    public async Task A_read_that_fails_fails_those_who_waited_for_it_and_the_next_one_tries_again()
    {
        await using var tail = _log.Tail();
        _log.Grow(6);
        _log.Fails = true;
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => tail.ReadAsync(0, 100, Cancel));
        _log.Fails = false;
        Assert.Equal(_log.Final, (await tail.ReadAsync(0, 100, Cancel)).Events);
    }

    [Fact]
    public async Task Its_end_ends_a_read_as_an_outage()
    {
        var tail = _log.Tail();
        _log.Grow(2);
        _log.Hold();
        var waits = tail.ReadAsync(0, 100, Cancel);
        await tail.DisposeAsync();
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => waits);
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => tail.ReadAsync(0, 100, Cancel));
    }

    [Fact]
    public async Task Whatever_the_order_each_reader_gets_every_event_once_in_order_or_is_told_what_it_missed()
    {
        // An op is who does it (0 to 3 are readers, 4 writes, 5 drops, 6 lets the storage fail, 7 jumps ahead), and how much.
        await Gen.Select(Gen.Int[0, 7], Gen.Int[1, 20]).Array[1, 80].SampleAsync(async ops =>
        {
            var log = new Log();
            await using var tail = log.Tail();
            var (places, seen) = (new long[5], new List<long>[5]);
            Array.Fill(places, 0);
            for (var i = 0; i < seen.Length; i++)
            {
                seen[i] = [];
            }

            foreach (var (who, much) in ops)
            {
                switch (who)
                {
                    case 4:
                        log.Grow(much);
                        break;
                    case 5:
                        log.Drop(Math.Min(much, log.Final.Count));
                        break;
                    case 6:
                        log.Fails = !log.Fails;
                        break;
                    case 7:
                        (places[4], seen[4]) = (Math.Max(places[4], log.Final.ElementAtOrDefault(log.Final.Count - much)?.Seq ?? 0), []);
                        await StepAsync(4, much);
                        break;
                    default:
                        await StepAsync(who, much);
                        break;
                }
            }

            async Task StepAsync(int reader, int limit)
            {
                var from = places[reader];
                EventPage page;
                try
                {
                    page = await tail.ReadAsync(from, limit, CancellationToken.None);
                }
                catch (LedgerUnavailableException) when (log.Fails)
                {
                    return;
                }

                if (page.Earliest is { } earliest)
                {
                    Assert.Equal((0, from, log.Earliest), (page.Events.Count, page.Next, earliest));
                    Assert.True(from < earliest);
                    places[reader] = earliest;
                    return;
                }

                var expected = log.Final.Where(line => line.Seq > from).Take(limit).ToArray();
                Assert.Equal(expected, page.Events);
                Assert.Equal(expected.Length == limit ? expected[^1].Seq : Math.Max(from, log.Horizon), page.Next);
                places[reader] = page.Next;
            }
        });
    }

    [Fact]
    public async Task However_reads_overlap_each_reader_gets_every_event_once_and_in_order()
    {
        // 0 to 3 are readers that ask unless they still wait, 4 writes, 5 lets the storage answer, 6 takes the last reader ahead.
        await Gen.Select(Gen.Int[0, 6], Gen.Int[1, 20]).Array[1, 80].SampleAsync(async ops =>
        {
            var log = new Log();
            await using var tail = log.Tail();
            var readers = Enumerable.Range(0, 4).Select(_ => new Follower(tail)).ToArray();
            log.Hold();
            foreach (var (who, much) in ops)
            {
                switch (who)
                {
                    case 4:
                        log.Grow(much);
                        break;
                    case 5:
                        log.LetGo();
                        log.Hold();
                        break;
                    case 6:
                        readers[3].GoTo(log.Final.ElementAtOrDefault(log.Final.Count - much)?.Seq ?? 0);
                        break;
                    default:
                        readers[who].Step(much);
                        break;
                }
            }

            log.LetGo();
            log.Open();
            foreach (var reader in readers)
            {
                Assert.Equal(log.Final.Where(line => line.Seq > reader.Start), await reader.ToEndAsync(log.Horizon));
            }
        });
    }

    /// <summary>A reader that asks once at a time.</summary>
    private sealed class Follower(LogTail tail)
    {
        private readonly List<LedgerEvent> _seen = [];
        private Task _asking = Task.CompletedTask;
        private long _place;

        public long Start { get; private set; }

        public void Step(int limit)
        {
            if (_asking.IsCompleted)
            {
                _asking = AskAsync(limit);
            }
        }

        public void GoTo(long place)
        {
            if (_asking.IsCompleted && place > _place)
            {
                _seen.Clear();
                Start = _place = place;
            }
        }

        public async Task<List<LedgerEvent>> ToEndAsync(long horizon)
        {
            await _asking;
            while (_place < horizon)
            {
                await AskAsync(9);
            }

            return _seen;
        }

        private async Task AskAsync(int limit)
        {
            var page = await tail.ReadAsync(_place, limit, CancellationToken.None);
            _seen.AddRange(page.Events);
            _place = page.Next;
        }
    }
}
