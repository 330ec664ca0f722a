using Actors.Policy.Sends;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class AllocationTests
{
    private static long BytesOf(Func<object> action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Fact]
    public void A_refusal_allocates_nothing_but_its_answer()
    {
        var answer = BytesOf(() => new SendDecision(null, null, null, true));
        var state = With(OptedIn(), OptedIn(OtherBusiness)) with { Receipts = [new(Business, Now, 1), new(OtherBusiness, Now, 2)] };
        var send = Send(Category.Marketing);
        Assert.Equal(answer, BytesOf(() => SendGate.Decide(state, send, Numbers, Now, NoZones)));
        var stranger = send with { Business = 1 };
        Assert.Equal(answer, BytesOf(() => SendGate.Decide(state, stranger, Numbers, Now, NoZones)));
        var moving = state with { Outcomes = new(9, 0x3F), OpenOutcomes = [new(1, Now - Day), new(2, Now)] };
        Assert.Equal(answer, BytesOf(() => SendGate.Decide(moving, send, Numbers, Now, NoZones)));
    }

    [Fact]
    public void An_acceptance_allocates_little_more_than_the_next_record()
    {
        var state = With(OptedIn(), OptedIn(OtherBusiness));
        var send = Send(Category.Utility);
        Assert.InRange(BytesOf(() => SendGate.Decide(state, send, Numbers, Now, NoZones)), 1, 1_000);
    }
}
