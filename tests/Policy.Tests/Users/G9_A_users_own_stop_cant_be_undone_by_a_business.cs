using Actors.Policy.Sends;
using Actors.Policy.Users;
using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

public sealed class G9_A_users_own_stop_cant_be_undone_by_a_business
{
    private static readonly Gen<Consent> AnyConsent = Gen.Select(
        Gen.Int[0, 6], Gen.Int[0, 100], (status, days) => status == 0 ? default : new Consent((ConsentStatus)status, Now - (days * Day), ConsentSource.Sms, 1));

    private static readonly Gen<Relation> AnyRelation = Gen.Select(
        AnyConsent, AnyConsent, AnyConsent, Gen.Int[0, 2], Gen.Bool, Gen.Bool,
        (utility, authentication, marketing, stop, blocked, wrote) => new Relation
        {
            Business = Business,
            Utility = utility,
            Authentication = authentication,
            Marketing = marketing,
            Stop = (MarketingStop)stop,
            BlockedAt = blocked ? Now - Day : null,
            WindowFrom = wrote && !blocked ? Now - Second : null,
        });

    /// <summary>Everything that a business can do to a user's record.</summary>
    private static Change? ByBusiness(UserState state, int what, int amount, Instant now) => what switch
    {
        0 or 1 => ConsentActions.OptIn(state, OptIn((Categories)((amount % 7) + 1), at: now - ((amount % 50) * Second)), Numbers, now).Change,
        2 => ConsentActions.OptOut(state, Business, (Categories)((amount % 7) + 1), byUser: false, now).Change,
        3 => UserActions.SetBusinessBlock(state, Business, amount % 2 == 0, Numbers, now).Change,
        4 => MessageActions.ReadByBusiness(state, Message(Direction.FromUser), Business, now).Change,
        _ => Decide(state, Send((Category)(amount % 4)), now).Change,
    };

    [Fact]
    public void Whatever_a_business_does_what_the_users_word_took_away_stays_away()
    {
        Gen.Select(AnyRelation, Gen.Select(Gen.Int[0, 6], Gen.Int[0, 1_000]).Array[1, 20]).Sample(
            (relation, deeds) =>
            {
                var (state, now) = (With(relation), Now);
                foreach (var (what, amount) in deeds)
                {
                    now += amount * Second;
                    var change = ByBusiness(state, what, amount, now);
                    if (change is null)
                    {
                        continue;
                    }

                    if (what > 4 && change.Message!.Category == Category.Marketing)
                    {
                        Assert.False(relation.Marketing.IsTakenAwayByUser || relation.Stop != MarketingStop.None || relation.BlockedAt is not null);
                    }

                    state = change.Next;
                    var after = state.RelationWith(Business) ?? new Relation { Business = Business };
                    foreach (var category in new[] { Category.Utility, Category.Authentication, Category.Marketing })
                    {
                        if (relation.ConsentFor(category).IsTakenAwayByUser)
                        {
                            Assert.Equal(relation.ConsentFor(category), after.ConsentFor(category));
                        }
                    }

                    Assert.Equal((relation.Stop, relation.BlockedAt), (after.Stop, after.BlockedAt));
                }
            },
            iter: Check.Iter * 6,
            threads: 1);
    }

    [Fact]
    public void The_user_restores_it_by_call()
    {
        AnyRelation.Sample(
            relation =>
            {
                var change = ConsentActions.OptIn(With(relation), OptIn(Categories.All, byUser: true), Numbers, Now).Change;
                var after = change?.Relation() ?? relation;
                Assert.True(after.Utility.IsLive && after.Authentication.IsLive && after.Marketing.IsLive);
            },
            iter: Check.Iter * 2,
            threads: 1);
    }
}
