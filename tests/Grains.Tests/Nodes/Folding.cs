using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Actors.Grains.Tests.Nodes;

/// <summary>What folding tests do to a node, and what they see of it.</summary>
internal static class Folding
{
    /// <summary>The one that folds.</summary>
    public static IFoldGrain Fold(this TestNode node) => node.Grains.GetGrain<IFoldGrain>(0);

    /// <summary>Ends when everything that is in the log now is folded, and the place is saved.</summary>
    public static async Task FoldedAsync(this TestNode node)
    {
        var horizon = await node.Ledger.Store.ReadHorizonAsync(TestContext.Current.CancellationToken);
        while (await node.Fold().WakeAsync() < horizon)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A registered business with one approved marketing template, <c>hello</c>.</summary>
    public static async Task<long> NewSenderAsync(TestNode node)
    {
        var business = Given.NewBusiness();
        Assert.True(await node.Business(business).RegisterAsync(Given.Registration(business), "operator:ann"));
        var created = await node.Template(business, "hello").CreateAsync(Given.Draft(category: Category.Marketing), "operator:ann");
        await node.Template(business, "hello").ReviewAsync(created.Template!.Id, approve: true, null, null, "operator:ann");
        return business;
    }

    /// <summary>New users, to each of whom the template is delivered.</summary>
    public static async Task<long[]> DeliverAsync(TestNode node, long business, int users, long? epoch = null)
    {
        var current = epoch ?? (await node.Business(business).LeaseAsync(null))!.Epoch;
        return await Task.WhenAll(Enumerable.Range(0, users).Select(async _ =>
        {
            var user = await Given.OptedInAsync(node, business);
            var sent = await node.User(user).SendAsync(Given.Send(business, Category.Marketing, epoch: current));
            Assert.Equal(SendOutcome.Accepted, sent.Outcome);
            Assert.True((await node.User(user).AdvanceAsync(sent.Message, MessageStatus.Delivered)).Changed);
            return user;
        }));
    }

    public static async Task BlockAsync(TestNode node, long business, IEnumerable<long> users)
    {
        foreach (var user in users)
        {
            await node.User(user).BlockAsync(business, ComplaintReason.Spam);
        }
    }

    /// <summary>What is stored of a business.</summary>
    public static async Task<BusinessState> StoredAsync(this TestNode node, long business)
    {
        var row = new GrainState<BusinessState>();
        await StorageOf(node).ReadStateAsync("business", node.Business(business).GetGrainId(), row);
        return row.State!;
    }

    /// <summary>What is stored of a template.</summary>
    public static async Task<TemplateState> StoredAsync(this TestNode node, long business, string template)
    {
        var row = new GrainState<TemplateState>();
        await StorageOf(node).ReadStateAsync("template", node.Template(business, template).GetGrainId(), row);
        return row.State!;
    }

    /// <summary>What is stored of a business's messaging limit.</summary>
    public static async Task<QuotaState> StoredLimitAsync(this TestNode node, long business)
    {
        var row = new GrainState<QuotaState>();
        await StorageOf(node).ReadStateAsync("limit", node.Grains.GetGrain<ILimitGrain>(business).GetGrainId(), row);
        return row.State!;
    }

    /// <summary>What is stored of any grain.</summary>
    public static async Task<TState> StoredAsync<TState>(this TestNode node, string name, GrainId grain)
        where TState : class, new()
    {
        var row = new GrainState<TState>();
        await StorageOf(node).ReadStateAsync(name, grain, row);
        return row.State!;
    }

    /// <summary>Everything folded, the business and its template have counted so many users delivered to, and so many blocks.</summary>
    public static async Task CountedAsync(TestNode node, long business, int delivered, int blocks)
    {
        await node.FoldedAsync();
        var conduct = (await node.StoredAsync(business)).Conduct?.Counts ?? QualityCounts.None;
        Assert.Equal((delivered, blocks), (conduct.DeliveredInLife, conduct.Blocks.Count));
        var template = Assert.Single((await node.StoredAsync(business, "hello")).Languages).Conduct?.Counts ?? QualityCounts.None;
        Assert.Equal((delivered, blocks), (template.DeliveredInLife, template.Blocks.Count));
    }

    private static IGrainStorage StorageOf(TestNode node) => node.Services.GetRequiredKeyedService<IGrainStorage>(GrainsHosting.Storage);
}
