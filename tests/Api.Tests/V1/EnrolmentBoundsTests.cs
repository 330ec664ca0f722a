namespace Actors.Api.Tests.V1;

/// <summary>What one address, and all together, may ask of a node.</summary>
public sealed class EnrolmentBoundsTests(EnrolmentBoundsTests.Bounded node) : IClassFixture<EnrolmentBoundsTests.Bounded>
{
    [Fact]
    public async Task Codes_of_an_address_and_wrong_tries_of_all_are_bounded()
    {
        var (first, second, third) = (NodeFixture.NewUser(), NodeFixture.NewUser(), NodeFixture.NewUser());
        var (a, b) = (await BeginAsync(first), await BeginAsync(second));
        foreach (var (id, user) in new[] { (a, first), (b, second), (a, first), (b, second) })
        {
            Assert.Equal(403, (await FinishAsync(id, node.CodeOf(user) == "000000" ? "000001" : "000000")).Status);
        }

        // Five wrong ones: now nobody tries any more, whoever's number it is, and the right code doesn't count as tried.
        Assert.Equal(403, (await FinishAsync(a, node.CodeOf(first) == "000000" ? "000001" : "000000")).Status);
        foreach (var (id, code) in new[] { (a, node.CodeOf(first)), (b, node.CodeOf(second)) })
        {
            AssertTooMany(await FinishAsync(id, code));
        }

        await BeginAsync(third);
        AssertTooMany(await node.CallAsync("POST", "/v1/enrolments", null, new { user = "+" + NodeFixture.User(NodeFixture.NewUser()) }));
    }

    private static void AssertTooMany(TestReply reply)
    {
        Assert.Equal((429, "rate_limited"), (reply.Status, reply.Body.GetProperty("code").GetString()));
        Assert.InRange(int.Parse(reply.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 3_660);
    }

    private async Task<string> BeginAsync(long user)
    {
        var reply = await node.CallAsync("POST", "/v1/enrolments", null, new { user = "+" + NodeFixture.User(user) });
        Assert.True(reply.Status == 202, reply.Text);
        return reply.Body.GetProperty("id").GetString()!;
    }

    private Task<TestReply> FinishAsync(string id, string code) => node.CallAsync("POST", $"/v1/enrolments/{id}", null, new { code });

    /// <summary>A node with small bounds.</summary>
    public sealed class Bounded : EnrolmentTests.Enrolling
    {
        protected override string[] Arguments => ["--Enrolment:PerAddress", "3", "--Enrolment:WrongPerHour", "5"];
    }
}
