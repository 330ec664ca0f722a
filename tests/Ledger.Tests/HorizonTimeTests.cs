using static Actors.Ledger.Tests.LedgerFixture;

namespace Actors.Ledger.Tests;

/// <summary>Up to when the log is final.</summary>
public sealed class HorizonTimeTests
{
    [Fact]
    public async Task The_log_is_final_up_to_the_time_when_the_newest_answer_was_asked_for()
    {
        var time = new SteppedTime();
        await using var given = await LedgerFixture.StartAsync(time: time);
        var (asked, held) = (new TaskCompletionSource(), new TaskCompletionSource());
        given.Store.OnHorizon = async read =>
        {
            asked.TrySetResult();
            await held.Task;
            return await read();
        };
        await asked.Task;
        var before = given.Ledger.FinalAt;
        time.Pass(600_000);
        Assert.True(given.Ledger.Clock.Now >= before + TimeSpan.FromMinutes(10));
        Assert.Equal(before, given.Ledger.FinalAt);

        given.Store.OnHorizon = read => read();
        held.SetResult();
        await given.FirstAsync(1);
        while (given.Ledger.FinalAt < before + TimeSpan.FromMinutes(10))
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
