using Actors.Policy.Sends;
using Actors.Policy.Users;

namespace Actors.Policy.Tests.Users;

/// <summary>G3 where the user takes something back, writes, and takes it back again: the second answer is a promise like the first.</summary>
public sealed class G3_A_repeated_withdrawal_counts
{
    private const long Business = 1_000_000_001_000_000;
    private static readonly Instant _start = new(1_800_000_000_000);

    public static TheoryData<string, string> Ways
    {
        get
        {
            string[] ways = ["STOP ALL", "opt-out", "block"];
            var pairs = new TheoryData<string, string>();
            foreach (var first in ways)
            {
                foreach (var second in ways.Where(way => way != "block"))
                {
                    pairs.Add(first, second);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Whoever_withdraws_writes_and_withdraws_again_gets_nothing_more(string first, string second)
    {
        var state = UserState.Empty;
        var now = _start;
        Apply(first);
        Apply("hi");
        Assert.Null(Send(Category.Service).Reason);

        Apply(second);

        Assert.Equal(Reason.ConsentWithdrawn, Send(Category.Service).Reason);
        Assert.Equal(Reason.ConsentWithdrawn, Send(Category.Utility).Reason);
        Assert.Equal(Reason.ConsentWithdrawn, Send(Category.Authentication).Reason);

        void Apply(string what)
        {
            now += TimeSpan.FromMinutes(1);
            var decision = what switch
            {
                "opt-out" => ConsentActions.OptOut(state, Business, Categories.All, byUser: true, now),
                "block" => UserActions.Block(state, Business, ComplaintReason.NoReason, now),
                _ => InboundGate.Decide(
                    state, new InboundCommand { Business = Business, PhoneNumber = Business, Text = what }, PolicyNumbers.Default, now),
            };
            Assert.Null(decision.Refusal);
            state = decision.Change!.Next;
            if (what == "block")
            {
                state = UserActions.Unblock(state, Business, now).Change!.Next;
            }
        }

        SendDecision Send(Category category) => SendGate.Decide(
            state,
            new SendCommand { Business = Business, PhoneNumber = Business, Template = category == Category.Service ? 0 : 1, Category = category, Quota = 0 },
            PolicyNumbers.Default,
            now,
            Some.NoZones);
    }
}
