using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Policy.Tests.Businesses;

public sealed class ReportTallyTests
{
    private static readonly Instant Midnight = new(1_790_000_000_000 / 86_400_000 * 86_400_000);

    [Fact]
    public void Reports_count_by_reason_and_whole_days()
    {
        var day = TimeSpan.FromDays(1);
        var tally = new ReportTally()
            .Add(ComplaintReason.Spam, Midnight - TimeSpan.FromMilliseconds(1))
            .Add(ComplaintReason.Offensive, Midnight)
            .Add(ComplaintReason.Spam, Midnight)
            .Add(ComplaintReason.Spam, Midnight - (40 * day));
        Assert.Equal([ComplaintReason.Spam, ComplaintReason.Offensive], tally.Counts.Select(c => c.Reason));

        var spam = tally.Counts[0];
        Assert.Equal((3, Midnight), (spam.Total, spam.NewestAt));
        Assert.Equal(1, ReportTally.Within(spam, 1, Midnight));
        Assert.Equal(2, ReportTally.Within(spam, 2, Midnight));
        Assert.Equal(2, ReportTally.Within(spam, 30, Midnight + (29 * day) - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(1, ReportTally.Within(spam, 30, Midnight + (29 * day)));
        Assert.Equal(0, ReportTally.Within(spam, 30, Midnight + (30 * day)));
    }
}
