using System.Collections.Concurrent;
using System.Text;
using Actors.Api.Enrolments;
using Actors.Contracts;
using Actors.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.V1;

/// <summary>How a person's app gets a token.</summary>
public sealed class EnrolmentTests(EnrolmentTests.Enrolling node) : IClassFixture<EnrolmentTests.Enrolling>
{
    [Fact]
    public async Task Who_has_the_code_gets_the_users_token_and_a_device()
    {
        var user = NodeFixture.NewUser();
        var id = await BeginAsync(user);
        var reply = await FinishAsync(id, node.CodeOf(user), "phone");

        Assert.Equal(201, reply.Status);
        Assert.Equal((NodeFixture.User(user), true), (reply.Body.GetProperty("user").GetString(), reply.Body.GetProperty("device_added").GetBoolean()));
        var token = reply.Body.GetProperty("token").GetString();
        var view = await node.CallAsync("GET", $"/v1/users/{NodeFixture.User(user)}", token);
        Assert.Equal("phone", view.Body.GetProperty("devices")[0].GetProperty("name").GetString());
        Assert.Equal(403, (await node.CallAsync("GET", $"/v1/users/{NodeFixture.User(user + 1)}", token)).Status);
    }

    [Fact]
    public async Task A_known_number_and_an_unknown_one_get_the_same_answer()
    {
        var (known, unknown) = (NodeFixture.NewUser(), NodeFixture.NewUser());
        await node.WriteAsync(known, await node.NewBusinessAsync());
        var replies = new[] { await RawBeginAsync(NodeFixture.User(known)), await RawBeginAsync(NodeFixture.User(unknown)) };
        Assert.All(replies, reply => Assert.Equal(202, reply.Status));
        Assert.Equal(replies[0].Body.EnumerateObject().Select(p => p.Name), replies[1].Body.EnumerateObject().Select(p => p.Name));
        Assert.Equal(replies[0].Text.Length, replies[1].Text.Length);
        Assert.DoesNotContain(NodeFixture.User(known), replies[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_is_used_once()
    {
        var user = NodeFixture.NewUser();
        var id = await BeginAsync(user);
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => FinishAsync(id, node.CodeOf(user))));
        Assert.Single(replies, reply => reply.Status == 201);
        Assert.All(replies.Where(reply => reply.Status != 201), reply => Assert.Equal("enrolment_unknown", Code(reply)));
    }

    [Fact]
    public async Task After_five_wrong_tries_the_right_code_is_none_any_more()
    {
        var user = NodeFixture.NewUser();
        var id = await BeginAsync(user);
        for (var left = 4; left >= 0; left--)
        {
            var wrong = await FinishAsync(id, Other(node.CodeOf(user)));
            Assert.Equal((403, "code_wrong", left), (wrong.Status, Code(wrong), wrong.Body.GetProperty("tries_left").GetInt32()));
        }

        var late = await FinishAsync(id, node.CodeOf(user));
        Assert.Equal((404, "enrolment_unknown"), (late.Status, Code(late)));
    }

    [Fact]
    public async Task A_code_of_one_number_opens_no_other_and_an_older_one_is_good_until_one_was_right()
    {
        var (user, other) = (NodeFixture.NewUser(), NodeFixture.NewUser());
        var (id, otherId) = (await BeginAsync(user), await BeginAsync(other));
        if (node.CodeOf(user) != node.CodeOf(other))
        {
            Assert.Equal("code_wrong", Code(await FinishAsync(otherId, node.CodeOf(user))));
        }

        var first = node.CodeOf(user);
        var second = await BeginAsync(user);
        Assert.Equal(201, (await FinishAsync(id, first)).Status);
        Assert.Equal("enrolment_unknown", Code(await FinishAsync(second, node.CodeOf(user))));
    }

    [Fact]
    public async Task A_fourth_code_within_ten_minutes_is_told_when_to_come_again()
    {
        var user = NodeFixture.NewUser();
        for (var code = 0; code < 3; code++)
        {
            await BeginAsync(user);
        }

        var refused = await RawBeginAsync(NodeFixture.User(user));
        Assert.Equal((429, "rate_limited"), (refused.Status, Code(refused)));
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 601);
    }

    [Theory]
    [InlineData("""{"user":"12"}""", "user")]
    [InlineData("""{"user":"+49 1511 2345678","device":"x"}""", "device")]
    [InlineData("""{}""", "user")]
    public async Task A_wrong_number_is_named(string body, string field)
    {
        var reply = await node.RawAsync("POST", "/v1/enrolments", null, Encoding.UTF8.GetBytes(body));
        Assert.Equal(400, reply.Status);
        Assert.Contains(field, reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("12345a")]
    [InlineData("")]
    public async Task What_is_no_code_is_no_try(string code)
    {
        var user = NodeFixture.NewUser();
        var id = await BeginAsync(user);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal("invalid_request", Code(await FinishAsync(id, code)));
        }

        Assert.Equal(201, (await FinishAsync(id, node.CodeOf(user))).Status);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("00000000000000000000000000000000000000000000000000")]
    public async Task A_made_up_id_is_none(string id) => Assert.Equal("enrolment_unknown", Code(await FinishAsync(id, "123456")));

    [Fact]
    public async Task A_channel_that_fails_is_an_outage()
    {
        var user = NodeFixture.NewUser();
        node.Failing[user] = true;
        var reply = await RawBeginAsync(NodeFixture.User(user));
        Assert.Equal((503, "unavailable"), (reply.Status, Code(reply)));
    }

    [Fact]
    public async Task A_device_too_many_costs_nobody_the_token()
    {
        var user = NodeFixture.NewUser();
        for (var device = 0; device < 8; device++)
        {
            await node.CallAsync("PUT", $"/v1/users/{NodeFixture.User(user)}/devices/d{device}", node.TokenOf(user));
        }

        var reply = await FinishAsync(await BeginAsync(user), node.CodeOf(user), "ninth");
        Assert.Equal((201, false), (reply.Status, reply.Body.GetProperty("device_added").GetBoolean()));
    }

    private static string Other(string code) => code == "000000" ? "000001" : "000000";

    private static string? Code(TestReply reply) => reply.Body.GetProperty("code").GetString();

    private async Task<string> BeginAsync(long user)
    {
        var reply = await RawBeginAsync("+" + NodeFixture.User(user));
        Assert.True(reply.Status == 202, reply.Text);
        return reply.Body.GetProperty("id").GetString()!;
    }

    private Task<TestReply> RawBeginAsync(string user) => node.CallAsync("POST", "/v1/enrolments", null, new { user });

    private Task<TestReply> FinishAsync(string id, string code, string? device = null) => device is null
        ? node.CallAsync("POST", $"/v1/enrolments/{id}", null, new { code })
        : node.CallAsync("POST", $"/v1/enrolments/{id}", null, new { code, device });

    /// <summary>A node whose codes come here instead of to people.</summary>
    public class Enrolling : NodeFixture, IEnrolmentChannel
    {
        private readonly ConcurrentDictionary<long, string> _codes = new();

        public ConcurrentDictionary<long, bool> Failing { get; } = new();

        protected override string[] Arguments => ["--Enrolment:PerAddress", "1000"];

        public string CodeOf(long user) => _codes[user];

        public Task SendAsync(long user, string code, Instant expiresAt, CancellationToken cancellationToken)
        {
            _codes[user] = code;
            return Failing.ContainsKey(user) ? throw new OutageException(OutageKind.Unavailable, "the channel is away") : Task.CompletedTask;
        }

        protected override void Configure(IServiceCollection services) => services.AddSingleton<IEnrolmentChannel>(this);
    }
}
