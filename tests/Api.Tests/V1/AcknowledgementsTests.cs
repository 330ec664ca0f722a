using System.Text.Json;

namespace Actors.Api.Tests.V1;

/// <summary>Many statuses in one call, contents that go, and what a user can answer.</summary>
public sealed class AcknowledgementsTests(NodeFixture node)
{
    private readonly long _user = NodeFixture.NewUser();

    [Fact]
    public async Task Many_messages_are_marked_in_one_call_and_each_is_answered()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(_user, business);
        string[] ids = [await SendAsync(business), await SendAsync(business), await SendAsync(business)];
        await CallAsync("PUT", "/devices/phone");

        var named = await CallAsync("POST", "/messages/status", new { status = "read", messages = new[] { ids[0], "wamid.0", ids[0] }, device = "phone" });
        Assert.Equal(
            [(ids[0], true, null), ("wamid.0", false, "message_unknown"), (ids[0], true, null)],
            Results(named).Select(r => (r.GetProperty("message").GetString(), r.GetProperty("changed").GetBoolean(), CodeOf(r))));

        var all = await CallAsync("POST", "/messages/status", new { status = "delivered", up_to = ids[2], device = "phone" });
        Assert.Equal([ids[1], ids[2]], Results(all).Select(r => r.GetProperty("message").GetString()));
        Assert.False(all.Body.GetProperty("more").GetBoolean());
        Assert.Empty(Results(await CallAsync("POST", "/messages/status", new { status = "delivered", up_to = ids[2] })));

        // What the only device has acknowledged and was read is gone from the inbox, and still has its timeline.
        var inbox = await CallAsync("GET", "/inbox");
        Assert.Equal([ids[1], ids[2]], inbox.Body.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("id").GetString()));
        var seen = await node.CallAsync("GET", $"/v1/numbers/{business.Number}/messages/{ids[0]}", business.Token);
        Assert.Equal((3, false), (seen.Body.GetProperty("timeline").GetArrayLength(), seen.Body.TryGetProperty("content", out _)));
    }

    [Fact]
    public async Task What_each_device_said_of_a_message_is_the_user_s_to_see_and_no_business_s()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(_user, business);
        string[] ids = [await SendAsync(business), await SendAsync(business)];
        foreach (var device in new[] { "phone", "tablet", "watch" })
        {
            await CallAsync("PUT", $"/devices/{device}");
        }

        await CallAsync("POST", $"/messages/{ids[0]}/status", new { status = "delivered", device = "phone" });
        await CallAsync("POST", $"/messages/{ids[0]}/status", new { status = "read", device = "tablet" });
        await CallAsync("POST", "/messages/status", new { status = "read", up_to = ids[1], device = "tablet" });
        foreach (var changed in new[] { true, false })
        {
            await CallAsync("POST", "/messages/status", new { status = "read", messages = ids, device = "phone" });
        }

        var inbox = (await CallAsync("GET", "/inbox")).Body.GetProperty("messages").EnumerateArray().ToArray();
        var export = (await CallAsync("GET", "/export")).Body;
        foreach (var messages in new[] { inbox, [.. export.GetProperty("messages").EnumerateArray().Skip(1)] })
        {
            foreach (var message in messages)
            {
                var (phone, tablet) = (message.GetProperty("devices")[0], message.GetProperty("devices")[1]);
                Assert.Equal(2, message.GetProperty("devices").GetArrayLength());
                Assert.Equal(("phone", "tablet"), (phone.GetProperty("device").GetString(), tablet.GetProperty("device").GetString()));
                Assert.True(string.CompareOrdinal(phone.GetProperty("read_at").GetString(), tablet.GetProperty("read_at").GetString()) >= 0);

                // On all of them it is read since the first of them read it.
                Assert.Equal("read", message.GetProperty("status").GetString());
                Assert.Equal(tablet.GetProperty("read_at").GetString(), message.GetProperty("read_at").GetString());
            }
        }

        Assert.Equal(inbox[0].GetProperty("delivered_at").GetString(), inbox[0].GetProperty("devices")[0].GetProperty("delivered_at").GetString());
        foreach (var devices in new[] { (await CallAsync("GET", "")).Body.GetProperty("devices"), export.GetProperty("devices") })
        {
            Assert.Equal(
                [("phone", null), ("tablet", ids[1]), ("watch", null)],
                devices.EnumerateArray().Select(device => (
                    device.GetProperty("name").GetString(), device.TryGetProperty("read_up_to", out var upTo) ? upTo.GetString() : null)));
        }

        var seen = await node.CallAsync("GET", $"/v1/numbers/{business.Number}/messages/{ids[0]}", business.Token);
        Assert.Equal(3, seen.Body.GetProperty("timeline").GetArrayLength());
        Assert.DoesNotContain("phone\"", seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("tablet", seen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_a_call_is_named()
    {
        Assert.Equal("messages", await FieldAsync(new { status = "read" }));
        Assert.Equal("messages", await FieldAsync(new { status = "read", messages = Array.Empty<string>() }));
        Assert.Equal("messages", await FieldAsync(new { status = "read", messages = Enumerable.Repeat("x", 1_001) }));
        Assert.Equal("messages", await FieldAsync(new { status = "read", messages = new[] { "x" }, up_to = "x" }));
        Assert.Equal("status", await FieldAsync(new { status = "failed", up_to = "x" }));
        Assert.Equal("device", await FieldAsync(new { status = "read", up_to = "x", device = "a b" }));
        Assert.Equal(404, (await CallAsync("POST", "/messages/status", new { status = "read", up_to = "wamid.0" })).Status);
        Assert.Equal(200, (await CallAsync("POST", "/messages/status", new { status = "read", messages = Enumerable.Repeat("x", 1_000) })).Status);
    }

    [Fact]
    public async Task A_user_answers_messages_of_the_business_they_write_to()
    {
        var (business, other) = (await node.NewBusinessAsync(), await node.NewBusinessAsync());
        await node.WriteAsync(_user, business);
        await node.WriteAsync(_user, other);
        var (mine, others) = (await SendAsync(business), await SendAsync(other));

        object Reply(string answered) => new
        {
            to = NodeFixture.User(business.Number),
            type = "interactive",
            interactive = new { type = "button_reply", button_reply = new { id = "1", title = "Yes" } },
            context = new { message_id = answered },
        };
        Assert.Equal(201, (await CallAsync("POST", "/messages", Reply(mine))).Status);
        var wrong = await CallAsync("POST", "/messages", Reply(others));
        Assert.Equal((400, "context.message_id"), (wrong.Status, Assert.Single(OptInsApiTests.Fields(wrong))));
        object Reaction(string to) => new { to = NodeFixture.User(business.Number), type = "reaction", reaction = new { message_id = to, emoji = "+" } };
        Assert.Equal(201, (await CallAsync("POST", "/messages", Reaction(mine))).Status);
        wrong = await CallAsync("POST", "/messages", Reaction(others));
        Assert.Equal((400, "reaction.message_id"), (wrong.Status, Assert.Single(OptInsApiTests.Fields(wrong))));
    }

    private async Task<string> SendAsync(TestBusiness business) =>
        (await node.SendTextAsync(business, _user)).Body.GetProperty("messages")[0].GetProperty("id").GetString()!;

    private async Task<string> FieldAsync(object body)
    {
        var reply = await CallAsync("POST", "/messages/status", body);
        Assert.Equal(400, reply.Status);
        return Assert.Single(OptInsApiTests.Fields(reply));
    }

    private Task<TestReply> CallAsync(string method, string path, object? body = null) =>
        node.CallAsync(method, $"/v1/users/{_user}{path}", node.TokenOf(_user), body);

    private static JsonElement[] Results(TestReply reply)
    {
        Assert.True(reply.Status == 200, reply.Text);
        return [.. reply.Body.GetProperty("results").EnumerateArray()];
    }

    private static string? CodeOf(JsonElement result) => result.TryGetProperty("error", out var code) ? code.GetString() : null;
}
