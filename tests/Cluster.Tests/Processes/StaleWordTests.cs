using System.Net;
using Actors.Api.Auth;

namespace Actors.Cluster.Tests.Processes;

/// <summary>
/// A silo stands still with people's words unread in its connections, and goes on before anybody has voted it dead. The API nodes have left it meanwhile, and
/// the people have said something else: their last word holds.
/// </summary>
[Collection(LocalCluster.OneAtATime)]
public sealed class StaleWordTests
{
    private const long FirstUser = 34600500000;
    private const int Users = 60;
    private static readonly TimeSpan _standsStill = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task What_a_silo_takes_up_when_it_goes_on_does_not_come_behind_a_newer_word()
    {
        await using var cluster = await LocalCluster.StartAsync("--Policy:Templates:AutoApprove", "true");
        var business = await cluster.Platform.RegisterAsync("Corner Shop");
        var users = Enumerable.Range(0, Users).Select(user => FirstUser + user).ToList();
        await cluster.Platform.OptInAsync(business, users, TimeProvider.System.GetUtcNow());
        var key = (await File.ReadAllTextAsync(cluster.SigningKeyFile, TestContext.Current.CancellationToken)).Trim();
        var tokens = new TokenIssuer(new AuthSettings { SigningKey = key }, TimeProvider.System);
        await Task.WhenAll(users.Select(user => SayAsync(user, HttpMethod.Put)));

        await LocalCluster.SignalAsync("STOP", cluster.Silo(3));
        var stood = Task.Delay(_standsStill, TimeProvider.System, TestContext.Current.CancellationToken);
        Task<int[]> unblocks;
        Task blocks;
        try
        {
            // Each is blocked again when it is answered, one way or the other: nobody says two things at a time.
            var firsts = users.Select(user => OnceAsync(user, HttpMethod.Delete)).ToList();
            unblocks = Task.WhenAll(firsts);
            blocks = Task.WhenAll(users.Zip(firsts, async (user, unblocked) =>
            {
                await unblocked;
                await SayAsync(user, HttpMethod.Put);
            }));
            await stood;
        }
        finally
        {
            await LocalCluster.SignalAsync("CONT", cluster.Silo(3));
        }

        await blocks;

        // Whatever it takes up when it goes on, it has taken up by then.
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        var blocked = await Task.WhenAll(users.Select(IsBlockedAsync));
        var against = blocked.Count(isBlocked => !isBlocked);
        Assert.True(against == 0, $"{against} of {Users} people are unblocked against their last word");
        var logs = await Task.WhenAll(cluster.ReadLogAsync("api1"), cluster.ReadLogAsync("api2"));
        Assert.Contains(logs, log => log.Contains("is left for now", StringComparison.Ordinal));
        Console.WriteLine($"unblocks answered: {string.Join(", ", (await unblocks).GroupBy(status => status).Select(one => $"{one.Count()} x {one.Key}"))}");

        async Task<int> OnceAsync(long user, HttpMethod method)
        {
            var path = $"/v1/users/{user}/businesses/{business.Id}/block";
            return (int)(await cluster.Platform.CallAsync(method, path, tokens.ForUser(user, TimeSpan.FromHours(1)))).Status;
        }

        async Task SayAsync(long user, HttpMethod method)
        {
            while (await OnceAsync(user, method) is var status && status != (int)HttpStatusCode.OK)
            {
                Assert.InRange(status, 500, 599);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }

        async Task<bool> IsBlockedAsync(long user)
        {
            var view = await cluster.Platform.OkAsync(HttpMethod.Get, $"/v1/users/{user}", tokens.ForUser(user, TimeSpan.FromHours(1)));
            return view["businesses"]!.AsArray().Single()!["block"] is not null;
        }
    }
}
