using Actors.Ledger;
using Actors.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.Operations;

/// <summary>A node whose users are split over two PostgreSQL servers: everything as with one, and while one is away the others' users notice nothing.</summary>
public sealed class SplitNodeTests
{
    [Fact]
    public async Task A_node_on_two_servers_does_all_that_one_on_one_does_and_one_that_ends_fails_its_own_users_only()
    {
        TestPostgres.RequireServer();
        await using var home = await PostgresServer.StartAsync();
        await using var other = await PostgresServer.StartAsync();
        var (first, second) = (await TestPostgres.CreateDatabaseAsync(home.ConnectionString), await TestPostgres.CreateDatabaseAsync(other.ConnectionString));
        await using (var node = new SplitNode(first, second))
        {
            await node.InitializeAsync();
            await using var receiver = await WebhookReceiver.StartAsync();
            var business = await node.NewBusinessAsync();
            await node.NewTemplateAsync(business, GraphTemplates.Order);
            var hook = new { override_callback_uri = receiver.Address.AbsoluteUri, verify_token = WebhookReceiver.VerifyToken };
            Assert.Equal(200, (await node.CallAsync("POST", $"/v24.0/{business.Id}/subscribed_apps", business.Token, hook)).Status);
            var users = Enumerable.Range(0, 40).Select(_ => NodeFixture.NewUser()).ToLookup(node.PartOf);
            var (atHome, atOther) = (users[0].ToList(), users[1].ToList());
            Assert.True(atHome.Count > 3 && atOther.Count > 3);

            // Sends, the inbox and statuses on both; the log, webhooks, the fold and analytics hear of both.
            var messages = new List<string>();
            foreach (var user in new[] { atHome[0], atOther[0] })
            {
                await node.OptInAsync(business, user, "utility");
                messages.Add(await SendTemplateAsync(node, business, user));
                var inbox = await node.CallAsync("GET", $"/v1/users/{user}/inbox", node.TokenOf(user));
                Assert.Contains(messages[^1], inbox.Text, StringComparison.Ordinal);
                var read = await node.CallAsync("POST", $"/v1/users/{user}/messages/{messages[^1]}/status", node.TokenOf(user), new { status = "read" });
                Assert.True(read.Status == 200, read.Text);
                await node.WriteAsync(user, business);
            }

            await receiver.UntilAsync(all => messages.TrueForAll(id => all.Taken.Any(one => one.Body.Contains(id, StringComparison.Ordinal))));
            await NodeFixture.UntilAsync(
                () => node.CallAsync("GET", $"/v1/businesses/{business.Id}/quality", node.Operator),
                reply => reply.Body.GetProperty("terms").GetProperty("delivered_in_life").GetInt32() == 2);
            await NodeFixture.UntilAsync(
                () => node.CallAsync("GET", $"/v1/businesses/{business.Id}/analytics", business.Token),
                reply => reply.Body.GetProperty("periods").EnumerateArray().Last().GetProperty("read").GetInt32() == 2);
            var events = await NodeFixture.UntilAsync(
                () => node.CallAsync("GET", $"/v1/businesses/{business.Id}/events?limit=1000", business.Token),
                reply => reply.Body.GetProperty("events").EnumerateArray().Count(line => line.GetProperty("kind").GetString() == "inbound") == 2);
            var told = events.Body.GetProperty("events").EnumerateArray()
                .Where(line => line.TryGetProperty("user", out _)).Select(line => line.GetProperty("user").GetString());
            Assert.Equal(new[] { atHome[0], atOther[0] }.Select(NodeFixture.User).Order(), told.Distinct().Order());
            var consents = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/opt-ins", business.Token);
            Assert.All(new[] { atHome[0], atOther[0] }, user => Assert.Contains(NodeFixture.User(user), consents.Text, StringComparison.Ordinal));

            // Export and erasure, its line of the audit, too.
            foreach (var (user, message) in new[] { atHome[0], atOther[0] }.Zip(messages))
            {
                var export = await node.CallAsync("GET", $"/v1/users/{user}/export", node.TokenOf(user));
                Assert.Contains(message, export.Text, StringComparison.Ordinal);
                Assert.Equal(200, (await node.CallAsync("DELETE", $"/v1/users/{user}", node.TokenOf(user))).Status);
                Assert.Equal(0, (await node.CallAsync("GET", $"/v1/users/{user}/export", node.TokenOf(user))).Body.GetProperty("messages").GetArrayLength());
            }

            var audit = await node.CallAsync("GET", "/v1/audit?limit=1000", node.Operator);
            Assert.Equal(2, audit.Text.Split("user_erased").Length - 1);

            // One ends: its users are told to come back, the others go on, the node is ready, what concerns all waits.
            foreach (var user in new[] { atHome[1], atHome[2], atOther[1], atOther[2] })
            {
                await node.OptInAsync(business, user, "utility");
            }

            await other.KillAsync();
            await NodeFixture.UntilAsync(() => SendAsync(node, business, atOther[1]), reply => reply.Status == 503);
            for (var i = 0; i < 5; i++)
            {
                Assert.True((await SendAsync(node, business, atHome[1])).Status == 200);
                Assert.Equal(503, (await SendAsync(node, business, atOther[2])).Status);
                Assert.Equal(503, (await node.CallAsync("GET", $"/v1/users/{atOther[3]}", node.TokenOf(atOther[3]))).Status);
                Assert.Equal(200, (await node.CallAsync("GET", "/health/ready", null)).Status);
            }

            var late = (await SendAsync(node, business, atHome[2])).Body.GetProperty("messages")[0].GetProperty("id").GetString()!;
            Assert.Equal(503, (await node.CallAsync("GET", "/v1/audit", node.Operator)).Status);
            Assert.DoesNotContain(receiver.Taken, one => one.Body.Contains(late, StringComparison.Ordinal));

            await other.BootAsync();
            var back = await NodeFixture.UntilAsync(() => SendAsync(node, business, atOther[2]), reply => reply.Status == 200);
            messages = [late, back.Body.GetProperty("messages")[0].GetProperty("id").GetString()!];
            foreach (var (user, message) in new[] { atHome[2], atOther[2] }.Zip(messages))
            {
                await NodeFixture.UntilAsync(
                    () => node.CallAsync("POST", $"/v1/users/{user}/messages/{message}/status", node.TokenOf(user), new { status = "delivered" }),
                    reply => reply.Status == 200);
            }

            await receiver.UntilAsync(all => messages.TrueForAll(id => all.Taken.Any(one => one.Body.Contains(id, StringComparison.Ordinal))));
        }

        // Another list doesn't start.
        await RefusedAsync("only ConnectionStrings:Actors is configured. Write the connection strings of the others: Ledger:Servers:1.", first);
        await RefusedAsync("ConnectionStrings:Actors is server 1 of an installation", second);
        var third = await TestPostgres.CreateDatabaseAsync(other.ConnectionString);
        await RefusedAsync("Ledger:Servers:1 is another database than the one that has its users", first, third);
    }

    private static async Task RefusedAsync(string sentence, params string[] servers)
    {
        var data = Directory.CreateTempSubdirectory("actors-api-tests-");
        await using var node = Silo.Node.Build(["--urls", "http://127.0.0.1:0", "--Data:Directory", data.FullName, .. SettingsOf(servers)]);
        Exception? cause = await Assert.ThrowsAnyAsync<Exception>(() => node.StartAsync());
        while (cause is not LedgerUnavailableException)
        {
            cause = cause?.InnerException ?? throw new InvalidOperationException("It isn't refused with a sentence.");
        }

        Assert.Contains(sentence, cause.Message, StringComparison.Ordinal);
        data.Delete(recursive: true);
    }

    private static string[] SettingsOf(string[] servers) =>
    [
        "--Storage:Provider", "postgres", "--ConnectionStrings:Actors", servers[0], "--Webhooks:AllowHttp", "true", "--Webhooks:AllowPrivate", "true",
        .. servers.Skip(1).SelectMany((server, i) => new[] { $"--Ledger:Servers:{i + 1}", server }),
    ];

    private static Task<TestReply> SendAsync(SplitNode node, TestBusiness business, long user) =>
        node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(user, "order_update", "Ann", "17"));

    private static async Task<string> SendTemplateAsync(SplitNode node, TestBusiness business, long user)
    {
        var reply = await SendAsync(node, business, user);
        Assert.True(reply.Status == 200, reply.Text);
        return reply.Body.GetProperty("messages")[0].GetProperty("id").GetString()!;
    }

    private sealed class SplitNode(params string[] servers) : NodeFixture
    {
        protected override string[] Arguments => SettingsOf(servers);

        public int PartOf(long user) => Services.GetRequiredService<ILedgerStore>().PartOf(user);
    }
}
