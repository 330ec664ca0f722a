using Actors.Api.V1;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Actors.Api.Tests.V1;

public sealed class ManagementRateTests
{
    private const long Business = 1_000_000_001_000_000;

    [Fact]
    public void Five_thousand_calls_pass_and_the_next_is_told_when_to_come_again()
    {
        var time = new FakeTimeProvider();
        var rate = new ManagementRate(time);
        for (var call = 0; call < ManagementRate.PerHour; call++)
        {
            Assert.Null(rate.Take(Business));
        }

        var wait = rate.Take(Business);
        Assert.NotNull(wait);
        Assert.Null(rate.Take(Business + 1_000_000));

        time.Advance(wait.Value - TimeSpan.FromSeconds(1));
        Assert.NotNull(rate.Take(Business));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(rate.Take(Business));
    }

    [Fact]
    public void No_hour_ever_holds_more_than_five_thousand_calls() =>
        Gen.Select(Gen.Int[1, 900], Gen.Int[1, 3_000]).Array[1, 40].Sample(
            bursts =>
            {
                var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(20_000));
                var rate = new ManagementRate(time);
                var taken = new List<DateTimeOffset>();
                foreach (var (seconds, calls) in bursts)
                {
                    time.Advance(TimeSpan.FromSeconds(seconds));
                    for (var call = 0; call < calls && rate.Take(Business) is null; call++)
                    {
                        taken.Add(time.GetUtcNow());
                    }
                }

                return taken.Skip(ManagementRate.PerHour).Select((at, i) => at - taken[i]).All(span => span >= TimeSpan.FromHours(1));
            },
            iter: 30);
}
