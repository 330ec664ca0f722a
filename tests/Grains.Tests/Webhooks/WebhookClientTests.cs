using System.Net;
using System.Net.Sockets;
using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Ledger;
using Actors.Policy.Webhooks;
using Actors.Tests;
using Microsoft.AspNetCore.Http;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>Requests out are guarded: what a receiver does, or a name leads to, can't turn them against us.</summary>
public sealed class WebhookClientTests(Running<SqliteDatabase> running) : IClassFixture<Running<SqliteDatabase>>
{
    private static readonly WebhookSettings Open = new() { AllowHttp = true, AllowPrivate = true };

    private UserLedger Ledger => running.Node.Ledger;

    [Fact]
    public async Task A_delivery_says_what_it_is_and_is_signed()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var client = new WebhookClient(Open, Ledger);
        var result = await DeliverAsync(client, receiver.Address);
        Assert.Equal((AttemptOutcome.Delivered, 200), (result.Outcome, result.Status));
        var delivery = Assert.Single(receiver.Deliveries);
        Assert.Equal(("1-2-3", 3L, "sha256=a", "sha256=a, sha256=b"), (delivery.Id, delivery.Sequence, delivery.Signature, delivery.Signatures));
    }

    [Theory]
    [InlineData(204, AttemptOutcome.Delivered)]
    [InlineData(299, AttemptOutcome.Delivered)]
    [InlineData(302, AttemptOutcome.Refused)]
    [InlineData(307, AttemptOutcome.Refused)]
    [InlineData(404, AttemptOutcome.Refused)]
    [InlineData(500, AttemptOutcome.Refused)]
    public async Task Only_what_is_answered_with_a_2xx_has_arrived(int status, AttemptOutcome outcome)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (_, context) =>
        {
            context.Response.Headers.Location = new Uri(receiver.Address, "/elsewhere").AbsoluteUri;
            return Task.FromResult<int?>(status);
        };
        using var client = new WebhookClient(Open, Ledger);
        var result = await DeliverAsync(client, receiver.Address);
        Assert.Equal((outcome, status), (result.Outcome, result.Status));
        Assert.Single(receiver.Deliveries);   // no redirect is followed
    }

    [Fact]
    public async Task Who_hangs_drops_or_is_away_is_told_apart()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var client = new WebhookClient(Open with { AnswerWithin = TimeSpan.FromSeconds(1) }, Ledger);
        receiver.Answer = async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            return null;
        };
        Assert.Equal(AttemptOutcome.TimedOut, (await DeliverAsync(client, receiver.Address)).Outcome);
        receiver.Answer = (_, context) =>
        {
            context.Abort();
            return Task.FromResult<int?>(null);
        };
        Assert.Equal(AttemptOutcome.Dropped, (await DeliverAsync(client, receiver.Address)).Outcome);
        await receiver.DieAsync();
        Assert.Equal(AttemptOutcome.Unreachable, (await DeliverAsync(client, receiver.Address)).Outcome);
        using var lost = new WebhookClient(Open with { Resolve = _ => throw new SocketException(11_001) }, Ledger);
        Assert.Equal(AttemptOutcome.Unreachable, (await DeliverAsync(lost, new Uri("http://nowhere.example:8080/"))).Outcome);
    }

    [Fact]
    public async Task An_endless_answer_costs_nothing()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = async (_, context) =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[65_536], context.RequestAborted);
            }

            return null;
        };
        using var client = new WebhookClient(Open, Ledger);
        Assert.Equal(AttemptOutcome.Delivered, (await DeliverAsync(client, receiver.Address)).Outcome);
    }

    [Fact]
    public async Task A_name_that_leads_to_us_is_not_dialled()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        foreach (var addresses in new[] { new[] { "127.0.0.1" }, ["::1"], ["1.1.1.1", "10.0.0.1"], ["169.254.169.254"], ["::ffff:127.0.0.1"] })
        {
            using var client = new WebhookClient(new() { AllowHttp = true, Resolve = Finds(addresses) }, Ledger);
            var result = await DeliverAsync(client, new UriBuilder(receiver.Address) { Host = "shop.example" }.Uri);
            Assert.Equal((AttemptOutcome.Forbidden, 0), (result.Outcome, result.Status));
            Assert.False((await client.ChallengeAsync(1, $"http://shop.example:{receiver.Address.Port}/hook", "x", CancellationToken.None)).IsVerified);
        }

        Assert.Empty(receiver.Deliveries);
    }

    [Fact]
    public async Task What_was_checked_is_what_is_dialled_wherever_the_name_leads_a_moment_later()
    {
        // Looked up once and good, a second time it would lead here: there is no second time.
        await using var receiver = await WebhookReceiver.StartAsync();
        var asked = 0;
        using var client = new WebhookClient(
            new()
            {
                AllowHttp = true,
                ConnectWithin = TimeSpan.FromSeconds(1),
                Resolve = _ => Task.FromResult<IPAddress[]>([IPAddress.Parse(Interlocked.Increment(ref asked) == 1 ? "192.31.196.1" : "127.0.0.1")]),
            },
            Ledger);
        var address = new UriBuilder(receiver.Address) { Host = "shop.example" }.Uri;
        Assert.Equal(AttemptOutcome.Unreachable, (await DeliverAsync(client, address)).Outcome);
        Assert.Equal(AttemptOutcome.Forbidden, (await DeliverAsync(client, address)).Outcome);
        Assert.Equal((2, 0), (asked, receiver.Deliveries.Count));
    }

    [Fact]
    public async Task An_address_that_swallows_everything_leaves_the_others_their_time()
    {
        await using var receiver = await WebhookReceiver.StartAsync();

        // A port whose queue is full: the kernel drops whoever comes.
        using var hole = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        hole.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), receiver.Address.Port));
        hole.Listen(0);
        var callers = new List<Socket>();
        for (var isIn = true; isIn;)
        {
            callers.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            var connected = callers[^1].ConnectAsync(hole.LocalEndPoint!);
            isIn = await Task.WhenAny(connected, Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System)) == connected;
        }

        using var client = new WebhookClient(
            Open with { ConnectWithin = TimeSpan.FromSeconds(4), AnswerWithin = TimeSpan.FromSeconds(30), Resolve = Finds(["127.0.0.2", "127.0.0.1"]) },
            Ledger);
        var result = await DeliverAsync(client, new UriBuilder(receiver.Address) { Host = "shop.example" }.Uri);
        callers.ForEach(caller => caller.Dispose());
        Assert.Equal(AttemptOutcome.Delivered, result.Outcome);
    }

    [Fact]
    public async Task Businesses_behind_one_host_dont_wait_for_each_other_in_the_client()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var client = new WebhookClient(Open with { AtOnce = 8, AtOnceSuspect = 1 }, Ledger);
        var all = new TaskCompletionSource();
        var arrived = 0;
        receiver.Answer = async (_, _) =>
        {
            _ = Interlocked.Increment(ref arrived) == 8 ? all.TrySetResult() : false;
            await all.Task;
            return 200;
        };
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => DeliverAsync(client, receiver.Address)));
        Assert.All(results, result => Assert.Equal(AttemptOutcome.Delivered, result.Outcome));
    }

    [Fact]
    public async Task Names_that_nobody_answers_for_leave_the_others_their_look_up()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var hang = new TaskCompletionSource<IPAddress[]>();
        var hanging = 0;
        using var client = new WebhookClient(
            Open with
            {
                ConnectWithin = TimeSpan.FromMilliseconds(500),
                Resolve = host =>
                {
                    _ = host.EndsWith(".dead", StringComparison.Ordinal) ? Interlocked.Increment(ref hanging) : 0;
                    return host.EndsWith(".dead", StringComparison.Ordinal) ? hang.Task : Dns.GetHostAddressesAsync("127.0.0.1");
                },
            },
            Ledger);
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => DeliverAsync(client, At($"shop-{n}.dead"), new(n % 10, IsSuspect: true))));
        Assert.All(results, result => Assert.Equal(AttemptOutcome.Unreachable, result.Outcome));
        Assert.Equal(8, hanging);   // all of them still are: nobody waits for them any more, but their threads are taken
        Assert.Equal(AttemptOutcome.Delivered, (await DeliverAsync(client, At("shop.example"), new(1, IsSuspect: false))).Outcome);
        hang.SetResult([IPAddress.Loopback]);
        Assert.Equal(AttemptOutcome.Delivered, (await DeliverAsync(client, At("shop-1.dead"), new(1, IsSuspect: true))).Outcome);

        Uri At(string host) => new UriBuilder(receiver.Address) { Host = host }.Uri;
    }

    [Fact]
    public async Task No_proxy_of_the_environment_is_asked()
    {
        var before = Environment.GetEnvironmentVariable("http_proxy");
        Environment.SetEnvironmentVariable("http_proxy", "http://127.0.0.1:9");
        try
        {
            await using var receiver = await WebhookReceiver.StartAsync();
            using var client = new WebhookClient(Open with { Resolve = Finds(["127.0.0.1"]) }, Ledger);
            var result = await DeliverAsync(client, new UriBuilder(receiver.Address) { Host = "shop.example" }.Uri);
            Assert.Equal(AttemptOutcome.Delivered, result.Outcome);
        }
        finally
        {
            Environment.SetEnvironmentVariable("http_proxy", before);
        }
    }

    [Fact]
    public async Task Only_the_bare_challenge_verifies()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var client = new WebhookClient(Open with { AnswerWithin = TimeSpan.FromSeconds(5) }, Ledger);
        Assert.True((await AskAsync(WebhookReceiver.VerifyToken)).IsVerified);
        Assert.Equal(403, (await AskAsync("another word")).Result.Status);
        receiver.AnswerChallenge = context => context.Response.WriteAsync("yes: " + context.Request.Query["hub.challenge"]);
        Assert.False((await AskAsync(WebhookReceiver.VerifyToken)).IsVerified);
        receiver.AnswerChallenge = context => context.Response.WriteAsync(context.Request.Query["hub.challenge"] + "\n");
        Assert.True((await AskAsync(WebhookReceiver.VerifyToken)).IsVerified);
        receiver.AnswerChallenge = context => context.Response.WriteAsync(context.Request.Query["hub.challenge"] + new string(' ', 5_000));
        Assert.True((await AskAsync(WebhookReceiver.VerifyToken)).IsVerified);   // what is read of it is it
        receiver.AnswerChallenge = context =>
        {
            context.Response.StatusCode = 201;
            return context.Response.WriteAsync("");
        };
        Assert.False((await AskAsync(WebhookReceiver.VerifyToken)).IsVerified);

        Task<(AttemptResult Result, bool IsVerified)> AskAsync(string token) =>
            client.ChallengeAsync(1, receiver.Address.AbsoluteUri, token, TestContext.Current.CancellationToken);
    }

    private static Func<string, Task<IPAddress[]>> Finds(string[] addresses) =>
        _ => Task.FromResult<IPAddress[]>([.. addresses.Select(IPAddress.Parse)]);

    private static Task<AttemptResult> DeliverAsync(WebhookClient client, Uri address, LookupAsker asker = default) => client.DeliverAsync(
        new WebhookCall(address, asker, "1-2-3", 3, ["sha256=a", "sha256=b"], IsRedriven: false),
        """{"object":"whatsapp_business_account","entry":[]}"""u8.ToArray(),
        TestContext.Current.CancellationToken);
}
