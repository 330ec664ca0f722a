using Actors.Api.Auth;
using Actors.Api.Graph.Messages;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Cluster.Tests.Silos;

/// <summary>What the tests on several silos start from.</summary>
internal static class Given
{
    public const string Ann = "operator:ann";
    private static readonly byte[] _content = """{"type":"text"}"""u8.ToArray();
    private static long _lastUser = 49_170_000_000;
    private static int _lastBusiness;

    /// <summary>A registered business with approved templates of these names, the first of them utility and the others marketing.</summary>
    public static Task<long> BusinessAsync(SiloCluster cluster, LimitTier limit, params string[] templates) =>
        BusinessAsync(cluster, limit, templates[..1], templates[1..]);

    /// <summary>A registered business with approved templates of these names.</summary>
    public static async Task<long> BusinessAsync(SiloCluster cluster, LimitTier limit, string[] utility, string[] marketing)
    {
        var id = Ids.Business(Interlocked.Increment(ref _lastBusiness));
        var registration = new BusinessRegistration("Bakery", "DE", [new BusinessNumber(Ids.PhoneNumber(id, 0), 4_930_123_456)], null, null, null);
        await cluster.DoAsync(grains => grains.GetGrain<IBusinessGrain>(id).RegisterAsync(registration, Ann));
        await cluster.DoAsync(grains => grains.GetGrain<IBusinessGrain>(id).SetLimitAsync(limit, "a test", Ann));
        foreach (var (name, category) in utility.Select(name => (name, Category.Utility)).Concat(marketing.Select(name => (name, Category.Marketing))))
        {
            var draft = Draft(name, category, "It is ready.");
            await cluster.DoAsync(grains => grains.GetGrain<ITemplateGrain>(id, name, null).CreateAsync(draft, Ann));
            var template = (await cluster.DoAsync(grains => grains.GetGrain<ITemplateGrain>(id, name, null).GetAsync()))[0].Id;
            await cluster.DoAsync(grains => grains.GetGrain<ITemplateGrain>(id, name, null).ReviewAsync(template, true, null, null, Ann));
        }

        return id;
    }

    public static TemplateDraft Draft(string name, Category category, string body) =>
        new(new TemplateContent { Name = name, Language = "en_US", Category = category, Body = body }, """[{"type":"BODY"}]"""u8.ToArray());

    /// <summary>New users who have opted in to all categories, straight into the ledger: it is not what is tried here.</summary>
    /// <param name="cluster">Any of its nodes writes; where that one is killed, another one.</param>
    /// <param name="hasWritten">Whether they have also written to the business, so that a window is open.</param>
    public static async Task<long[]> UsersAsync(SiloCluster cluster, long business, int count, bool hasWritten = false)
    {
        var last = Interlocked.Add(ref _lastUser, count);
        var users = Enumerable.Range(0, count).Select(i => last - i).ToArray();
        await Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = 512 }, async (user, _) =>
        {
            var record = await CommitAsync(UserRecord.None(user), (state, now) => ConsentActions.OptIn(
                state, new OptIn(business, Categories.All, false, ConsentSource.Website, now, "yes, please", null), SiloCluster.Numbers, now));
            if (hasWritten)
            {
                var hello = new InboundCommand { Business = business, PhoneNumber = Ids.PhoneNumber(business, 0), Text = "hello", Content = _content };
                await CommitAsync(record, (state, now) => InboundGate.Decide(state, hello, SiloCluster.Numbers, now));
            }
        });
        return users;

        async Task<UserRecord> CommitAsync(UserRecord basis, Func<UserState, Instant, ActionDecision> decide)
        {
            // Not what is tried here: a node that other tests starve may refuse for a moment, one that is killed does for ever, and may have written.
            for (var tries = 0; ; tries++)
            {
                var ledger = cluster.Any().Ledger;
                var outcome = CommitOutcome.Unavailable;
                try
                {
                    basis = tries == 0 ? basis : await ledger.ReadUserAsync(basis.User);
                    var now = Instant.Max(ledger.Clock.Now, basis.State.LastAt);
                    if (decide(basis.State, now).Change is not { } change)
                    {
                        return basis;
                    }

                    (outcome, var record) = await ledger.CommitAsync(basis, change);
                    if (outcome == CommitOutcome.Committed)
                    {
                        return record!;
                    }
                }
                catch (Exception e) when (SiloCluster.IsOutage(e))
                {
                    // Another node does it.
                }

                Assert.True(tries < 50, $"{outcome}, again and again");
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }
    }

    /// <summary>Who sends for a business, with a token of an epoch.</summary>
    public static Caller Caller(long business, int epoch = 0) =>
        new(CallerRole.Business, business, "", Scopes.Send, epoch, DateTimeOffset.MaxValue);

    /// <summary>A send of a template; of free text where there is no name.</summary>
    public static ParsedSend Send(long user, string? template = null) =>
        new($"{user}", user, _content, null, template is null ? null : new TemplateUse(template, "en_US", []));
}
