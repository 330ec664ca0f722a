using System.Collections.Immutable;
using Actors.Api.Graph.Messages;
using Actors.Api.Sends;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Cluster.Tests.Silos;

/// <summary>What is forbidden to a business since the platform has answered that it is.</summary>
/// <param name="Restriction">By the ladder, or by an operator's lock.</param>
/// <param name="Templates">Templates that are paused, stopped, in review or rejected.</param>
/// <param name="TokenEpoch">Tokens of earlier epochs are revoked.</param>
/// <param name="MenuIsMarketing">Whether review has made marketing of what was a utility template.</param>
/// <param name="Lifts">How often something was allowed again: what was sent before can't be judged by what stood then.</param>
internal sealed record Bans(Restriction Restriction, ImmutableHashSet<string> Templates, int TokenEpoch, bool MenuIsMarketing, int Lifts)
{
    public static Bans None { get; } = new(Restriction.None, [], 0, false, 0);

    /// <summary>Whether there is a send that is forbidden.</summary>
    public bool ForbidsAnything => Restriction > Restriction.Warning || !Templates.IsEmpty || TokenEpoch > 0;

    /// <summary>Whether a send with such a token is forbidden.</summary>
    public bool Forbid(string? template, bool inWindow, int tokenEpoch) =>
        tokenEpoch < TokenEpoch || (template is not null && Templates.Contains(template)) || Restriction switch
        {
            Restriction.None or Restriction.Warning => false,
            Restriction.NoMarketing => IsMarketing(template),
            Restriction.WindowOnly => IsMarketing(template) || !inWindow,
            Restriction.Nothing or Restriction.Locked => true,
        };

    private bool IsMarketing(string? template) => template switch
    {
        null or Career.Utility => false,
        Career.Menu => MenuIsMarketing,
        _ => true,
    };
}

/// <summary>
/// The life of one business that sends from all nodes without a pause, and is forbidden more and more in a random order. Each send knows what stood forbidden
/// when it began: where it is accepted all the same, the guarantee is broken (G4).
/// </summary>
internal sealed class Career(SiloCluster cluster, int seed)
{
    public const string Utility = "order", Offer = "offer", News = "news", Menu = "menu", Club = "club";
    private const int Senders = 9;
    private const int RefusedAfterEach = 12;
    private readonly Random _random = new(seed);
    private long _business;
    private long[] _strangers = [];
    private long[] _friends = [];
    private Bans _bans = Bans.None;
    private int _inFlight;
    private int _accepted;
    private int _refused;
    private bool _isOver;

    /// <summary>Sends that were under way when something was forbidden.</summary>
    public int Races { get; private set; }

    /// <summary>How often something was forbidden.</summary>
    public int Forbidden { get; private set; }

    /// <summary>Sends that were accepted though they began after the answer to what forbids them.</summary>
    public System.Collections.Concurrent.ConcurrentBag<string> Broken { get; } = [];

    private Bans Current => Volatile.Read(ref _bans);

    public async Task LiveAsync()
    {
        _business = await Given.BusinessAsync(cluster, LimitTier.First, [Utility, Menu], [Offer, News, Club]);
        _strangers = await Given.UsersAsync(cluster, _business, 8);
        _friends = await Given.UsersAsync(cluster, _business, 8, hasWritten: true);
        var senders = Enumerable.Range(0, Senders).Select(i => new Random(seed + (i << 20))).Select(random => Task.Run(() => SendAsync(random))).ToArray();
        try
        {
            while (Volatile.Read(ref _accepted) < Senders)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }

            foreach (var act in Acts())
            {
                await act();
            }
        }
        finally
        {
            Volatile.Write(ref _isOver, true);
            await Task.WhenAll(senders);
        }
    }

    /// <summary>Six strikes in their order, and between them everything else.</summary>
    private List<Func<Task>> Acts()
    {
        List<Func<Task>> acts = [RevokeAsync, RevokeAsync, PauseAsync, StopAsync, RejectAsync, LockAsync, LockAsync];
        acts.Insert(_random.Next(acts.Count + 1), ChangeCategoryAsync);
        for (var strike = 0; strike < 6; strike++)
        {
            acts.Insert(_random.Next(acts.Count + 1), StrikeAsync);
        }

        return acts;
    }

    private async Task StrikeAsync()
    {
        var view = await cluster.DoAsync(grains => grains.GetGrain<IBusinessGrain>(_business).RecordViolationAsync("scam", "seen", Given.Ann));
        await ForbiddenAsync(bans => bans with { Restriction = view!.Restriction });
    }

    private async Task RevokeAsync()
    {
        var epoch = await cluster.DoAsync(grains => grains.GetGrain<IBusinessGrain>(_business).RevokeTokensAsync(Given.Ann));
        await ForbiddenAsync(bans => bans with { TokenEpoch = epoch!.Value });
    }

    private async Task StopAsync()
    {
        var template = await TemplateAsync(News);
        await cluster.DoAsync(grains => grains.GetGrain<ITemplateGrain>(_business, News, null).StopAsync(template, "a scam", Given.Ann));
        await ForbiddenAsync(bans => bans with { Templates = bans.Templates.Add(News) });
    }

    /// <summary>Edited, a template waits for its review; rejected, it is sent no more.</summary>
    private async Task RejectAsync()
    {
        var template = await EditAsync(Club, Category.Marketing);
        await ForbiddenAsync(bans => bans with { Templates = bans.Templates.Add(Club) });
        await cluster.DoAsync(grains => grains.GetGrain<ITemplateGrain>(_business, Club, null).ReviewAsync(template, false, "SCAM", null, Given.Ann));
    }

    /// <summary>Edited, it waits; reviewed, it is marketing: and forbidden wherever that is.</summary>
    private async Task ChangeCategoryAsync()
    {
        var template = await EditAsync(Menu, Category.Utility);
        await ForbiddenAsync(bans => bans with { Templates = bans.Templates.Add(Menu) });
        Volatile.Write(ref _bans, Current with { Templates = Current.Templates.Remove(Menu), Lifts = Current.Lifts + 1 });
        await cluster.DoAsync(
            grains => grains.GetGrain<ITemplateGrain>(_business, Menu, null).ReviewAsync(template, true, null, Category.Marketing, Given.Ann));
        await ForbiddenAsync(bans => bans with { MenuIsMarketing = true });
    }

    private async Task<long> EditAsync(string name, Category category)
    {
        var template = await TemplateAsync(name);
        var draft = Given.Draft(name, category, "Edited.");
        await cluster.DoAsync(grains => grains.GetGrain<ITemplateGrain>(_business, name, null).EditAsync(template, draft, Given.Ann));
        return template;
    }

    /// <summary>What the fold does when users have reported a template: it is red, and pauses.</summary>
    private async Task PauseAsync()
    {
        var template = await TemplateAsync(Offer);
        var now = cluster.Any().Ledger.Clock.Now;
        var delivered = Enumerable.Range(1, 60).Select(i => new EventLine(
            i, i, new UserEvent(EventKind.Delivered, now, _business, Template: template, Quality: QualityMark.Of(true, true)), null));
        var reported = Enumerable.Range(61, 30).Select(i => new EventLine(
            i, i, new UserEvent(EventKind.Reported, now, _business, Quality: QualityMark.Of(NegativeSignal.Report, null, template)), null));
        await cluster.DoAsync(async grains =>
        {
            await grains.GetGrain<ITemplateGrain>(_business, Offer, null).FoldAsync([.. delivered, .. reported]);
            return true;
        });
        await ForbiddenAsync(bans => bans with { Templates = bans.Templates.Add(Offer) });
    }

    /// <summary>Locks, and unlocks again where it was not for the sixth strike.</summary>
    private async Task LockAsync()
    {
        var before = Current.Restriction;
        await cluster.DoAsync(grains => grains.GetGrain<IBusinessGrain>(_business).LockAsync("now", Given.Ann));
        await ForbiddenAsync(bans => bans with { Restriction = Restriction.Locked });
        if (before != Restriction.Locked)
        {
            Volatile.Write(ref _bans, Current with { Restriction = Restriction.None, Lifts = Current.Lifts + 1 });
            var view = await cluster.DoAsync(grains => grains.GetGrain<IBusinessGrain>(_business).UnlockAsync("again", Given.Ann));
            Volatile.Write(ref _bans, Current with { Restriction = view!.Restriction });
        }
    }

    private async Task<long> TemplateAsync(string name) =>
        (await cluster.DoAsync(grains => grains.GetGrain<ITemplateGrain>(_business, name, null).GetAsync()))[0].Id;

    /// <summary>The platform has answered: from here on it holds. Ends when enough sends that it forbids have been refused.</summary>
    private async Task ForbiddenAsync(Func<Bans, Bans> change)
    {
        var before = Current;
        var after = change(before);
        Volatile.Write(ref _bans, after);
        if (after == before)
        {
            return;
        }

        Forbidden++;
        Races += Volatile.Read(ref _inFlight);
        for (var from = Volatile.Read(ref _refused); after.ForbidsAnything && Volatile.Read(ref _refused) < from + RefusedAfterEach;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }

    private async Task SendAsync(Random random)
    {
        while (!Volatile.Read(ref _isOver))
        {
            var inWindow = random.Next(2) == 0;
            var users = inWindow ? _friends : _strangers;
            var template = random.Next(6) switch
            {
                0 when inWindow => null,
                1 when inWindow => Offer,
                2 when inWindow => News,
                3 when inWindow => Menu,
                4 when inWindow => Club,
                _ => Utility,
            };
            var bans = Current;
            var tokenEpoch = Math.Max(0, bans.TokenEpoch - (random.Next(4) == 0 ? 1 : 0));
            var isForbidden = bans.Forbid(template, inWindow, tokenEpoch);
            Interlocked.Increment(ref _inFlight);
            var node = cluster.Any();
            var sender = random.Next(2) == 0 ? node.Sender : node.Deaf;
            var isAccepted = await IsAcceptedAsync(sender, users[random.Next(users.Length)], template, tokenEpoch);
            Interlocked.Decrement(ref _inFlight);
            if (isAccepted == true)
            {
                Interlocked.Increment(ref _accepted);
                if (isForbidden && Current.Lifts == bans.Lifts)
                {
                    Broken.Add($"{template ?? "text"} {(inWindow ? "in" : "outside")} the window, token {tokenEpoch}, under {bans} (seed {seed})");
                }
            }
            else
            {
                Interlocked.Add(ref _refused, isForbidden && isAccepted == false ? 1 : 0);
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);   // a refusal may come at once, and without an end
            }
        }
    }

    /// <summary>Sends once; null where nobody knows.</summary>
    private async Task<bool?> IsAcceptedAsync(Sender sender, long user, string? template, int tokenEpoch)
    {
        try
        {
            var result = await sender.SendAsync(
                    Given.Caller(_business, tokenEpoch), Ids.PhoneNumber(_business, 0), SendEdge.Messages, Given.Send(user, template), null, dryRun: false)
                .AsTask().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
            return result.Reply?.Outcome == SendOutcome.Accepted ? true
                : result.End is SendEnd.RefusedHere or SendEnd.TokenRevoked || result.Reply?.Outcome == SendOutcome.Refused ? false : null;
        }
        catch (Exception e) when (SiloCluster.IsOutage(e))
        {
            return null;
        }
    }
}
