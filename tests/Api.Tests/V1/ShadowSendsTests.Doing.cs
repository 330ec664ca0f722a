using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Api.Tests.V1;

/// <summary>What these tests do to the node, and what they see of it.</summary>
public sealed partial class ShadowSendsTests
{
    private static ((string Decided, string Shadow) Key, long Sends) Only((IReadOnlyDictionary<(string, string), long> Differ, long Untried) tried)
    {
        Assert.Equal(0, tried.Untried);
        var (key, sends) = Assert.Single(tried.Differ);
        return (key, sends);
    }

    /// <summary>A business and a user who has just written to it.</summary>
    private async Task<(TestBusiness Business, long User)> TalkingAsync()
    {
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        await node.WriteAsync(user, business);
        return (business, user);
    }

    /// <summary>A business that may send both of its templates to a user.</summary>
    private async Task<TestBusiness> WithTemplatesAsync(long user)
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Sale);
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.OptInAsync(business, user, "marketing", "utility");
        return business;
    }

    private async Task SetAsync(params (string Key, string Text)[] numbers)
    {
        var before = Book.Shadow?.SetAt;
        var reply = await node.CallAsync("PUT", Path, node.Operator, new { changes = numbers.ToDictionary(number => number.Key, number => number.Text) });
        Assert.True(reply.Status == 200, reply.Text);
        while (Book.Shadow is not { } shadow || shadow.SetAt == before)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    /// <summary>Does something while the policy has these numbers.</summary>
    private async Task UnderPolicyAsync(Func<Task> act, params (string Key, string Text)[] numbers)
    {
        var version = Book.Current.Version;
        var body = new { @base = version, changes = numbers.ToDictionary(number => number.Key, number => number.Text), reason = "a test" };
        var reply = await node.CallAsync("POST", "/v1/policy/versions", node.Operator, body);
        Assert.True(reply.Status == 201, reply.Text);
        try
        {
            await act();
        }
        finally
        {
            await Grains.GetGrain<IPolicyGrain>(0).RollBackAsync(version, version + 1, "back", "operator:ann");
        }
    }

    /// <summary>Waits until so many sends are counted, untried ones among them; what differs, and how many those are.</summary>
    private async Task<(IReadOnlyDictionary<(string Decided, string Shadow), long> Differ, long Untried)> TriedAsync(long sends)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var shadow = (await node.CallAsync("GET", Path, node.Operator)).Body;
            var untried = shadow.GetProperty("untried").GetInt64();
            if (shadow.GetProperty("sends").GetInt64() + untried == sends)
            {
                return (
                    shadow.GetProperty("differ").EnumerateArray().ToDictionary(
                        one => (one.GetProperty("decided").GetString()!, one.GetProperty("shadow").GetString()!), one => one.GetProperty("sends").GetInt64()),
                    untried);
            }

            Assert.False(patience.IsCancellationRequested, $"{sends} sends; {shadow}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    private Task<TestReply> SendAsync(TestBusiness business, long user, bool marketing) => node.CallAsync(
        "POST",
        $"/v24.0/{business.Number}/messages",
        business.Token,
        marketing ? GraphTemplates.Send(user, "summer_sale") : GraphTemplates.Send(user, "order_update", "Ann", "17"));

    /// <summary>Sends to so many new users.</summary>
    private async Task<TestReply[]> OpenAsync(TestBusiness business, int users)
    {
        var all = Enumerable.Range(0, users).Select(_ => NodeFixture.NewUser()).ToArray();
        await Parallel.ForEachAsync(all, async (user, _) => await node.OptInAsync(business, user, "utility"));
        return await Task.WhenAll(all.Select(user => SendAsync(business, user, marketing: false)));
    }

    private async Task ViolateAsync(TestBusiness business, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await node.CallAsync("POST", $"/v1/businesses/{business.Id}/violations", node.Operator, new { type = "scam", note = "sold air" });
        }
    }

    private async Task<(int Limit, int Used)> LimitsAsync(TestBusiness business)
    {
        var limits = (await node.CallAsync("GET", $"/v1/businesses/{business.Id}/limits", business.Token)).Body;
        return (limits.GetProperty("limit").GetInt32(), limits.GetProperty("used").GetInt32());
    }

    /// <summary>Waits until so many openings are counted, and whoever has read fewer reads again.</summary>
    private async Task UsedAsync(TestBusiness business, int used)
    {
        while ((await LimitsAsync(business)).Used != used)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(1_100), TimeProvider.System);
    }

    /// <summary>Users delivered to and reports, as the log would tell of them; far behind what it really has.</summary>
    private async Task FoldAsync(TestBusiness business, long template, int delivered, int reports)
    {
        var (at, seq) = (Instant.From(TimeProvider.System.GetUtcNow()), _seq += 1_000);
        ImmutableArray<EventLine> lines =
        [
            .. Enumerable.Range(1, delivered).Select(i => new EventLine(
                seq + i, i, new UserEvent(EventKind.Delivered, at, business.Id, Template: template, Quality: QualityMark.Of(true, true)), null)),
            .. Enumerable.Range(delivered + 1, reports).Select(i => new EventLine(
                seq + i, i, new UserEvent(EventKind.Reported, at, business.Id, Quality: QualityMark.Of(NegativeSignal.Report, null, template)), null)),
        ];
        await Grains.GetGrain<IBusinessGrain>(business.Id).FoldAsync(lines);
        if (template != 0)
        {
            await Grains.GetGrain<ITemplateGrain>(business.Id, "summer_sale", null).FoldAsync(lines);
        }
    }

    private long _seq = 1_000_000;

    /// <summary>A node on which a number's messages per second are out of the way.</summary>
    public sealed class Node : NodeFixture
    {
        protected override string[] Arguments => ["--Policy:Throughput:Default", "100000"];
    }
}
