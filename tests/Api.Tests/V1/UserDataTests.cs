using System.Text;
using Actors.Api.Tests.Inbox;
using Actors.Grains;
using Actors.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.V1;

/// <summary>Export and erasure, from outside, and what the files hold afterwards.</summary>
public sealed class UserDataTests(UserDataTests.Alone node) : IClassFixture<UserDataTests.Alone>
{
    [Fact]
    public async Task An_export_holds_everything_about_the_user()
    {
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        await LiveAsync(business, user, "what I wrote");
        var reply = await node.CallAsync("GET", $"{Path(user)}/export", node.TokenOf(user));

        Assert.Equal((200, "application/json", "no-store"), (reply.Status, reply.ContentType, reply.Headers["Cache-Control"]));
        var export = reply.Body;
        Assert.Equal("phone", export.GetProperty("overview").GetProperty("devices")[0].GetProperty("name").GetString());
        Assert.Equal("Corner Shop", export.GetProperty("overview").GetProperty("businesses")[0].GetProperty("name").GetString());
        Assert.Equal(1, export.GetProperty("businesses")[0].GetProperty("undelivered").GetInt32());
        Assert.Equal(1, export.GetProperty("keys").GetArrayLength());

        var messages = export.GetProperty("messages").EnumerateArray().ToArray();
        Assert.Equal(["from_user", "to_user"], messages.Select(m => m.GetProperty("direction").GetString()));
        Assert.Equal("what I wrote", messages[0].GetProperty("content").GetProperty("text").GetProperty("body").GetString());
        Assert.Equal(("Corner Shop", "order 7"), (messages[1].GetProperty("business_name").GetString(), messages[1].GetProperty("callback_data").GetString()));
        Assert.All(messages, m => Assert.StartsWith("wamid.", m.GetProperty("id").GetString(), StringComparison.Ordinal));

        var consents = export.GetProperty("consent_log").EnumerateArray().ToArray();
        Assert.Equal(("Yes, write to me.", 64), (consents[0].GetProperty("wording").GetString(), consents[0].GetProperty("hash").GetString()!.Length));
        Assert.Equal(
            ["device_changed", "opted_in", "reported", "preferences_changed"],
            export.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("kind").GetString()));
        Assert.DoesNotContain("the-key-of-one", reply.Text, StringComparison.Ordinal);
        Assert.False(export.TryGetProperty("earlier_life", out _));
    }

    [Fact]
    public async Task An_export_holds_the_wording_that_allowed_a_message_and_up_to_where_a_device_has_everything()
    {
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.CallAsync("PUT", $"{Path(user)}/devices/phone", node.TokenOf(user));
        await node.OptInAsync(business, user, "utility");
        var sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(user, "order_update", "Ann", "17"));
        Assert.True(sent.Status == 200, sent.Text);
        var id = sent.Body.GetProperty("messages")[0].GetProperty("id").GetString();
        var read = await node.CallAsync("POST", $"{Path(user)}/messages/{id}/status", node.TokenOf(user), new { status = "read", device = "phone" });
        Assert.True(read.Status == 200, read.Text);

        var export = (await node.CallAsync("GET", $"{Path(user)}/export", node.TokenOf(user))).Body;
        var why = export.GetProperty("messages")[0].GetProperty("why").GetProperty("consent");
        Assert.Equal((1, "Yes, write to me."), (why.GetProperty("entry").GetInt32(), why.GetProperty("wording").GetString()));
        Assert.Equal(id, export.GetProperty("devices")[0].GetProperty("acked").GetString());
    }

    [Fact]
    public async Task An_export_holds_what_an_erased_life_left_and_erasures_are_five_a_day()
    {
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        await LiveAsync(business, user, "before");
        Assert.Equal(200, (await node.CallAsync("PUT", $"{Path(user)}/businesses/{business.Id}/marketing-stop", node.TokenOf(user))).Status);
        var erased = await node.CallAsync("DELETE", Path(user), node.TokenOf(user));
        Assert.True(erased.Status == 200, erased.Text);
        await node.WriteAsync(user, business, "after");

        var past = (await node.CallAsync("GET", $"{Path(user)}/export", node.TokenOf(user))).Body.GetProperty("earlier_life");
        Assert.Equal((2, 0), (past.GetProperty("messages").GetInt32(), past.GetProperty("taken_from_all").GetArrayLength()));
        var from = Assert.Single(past.GetProperty("businesses").EnumerateArray());
        Assert.Equal(business.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), from.GetProperty("business").GetString());
        Assert.Equal("marketing", Assert.Single(from.GetProperty("taken").EnumerateArray()).GetString());

        for (var erasure = 1; erasure < 5; erasure++)
        {
            Assert.Equal(200, (await node.CallAsync("DELETE", Path(user), node.TokenOf(user))).Status);
        }

        var sixth = await node.CallAsync("DELETE", Path(user), node.TokenOf(user));
        Assert.Equal((429, "rate_limited"), (sixth.Status, sixth.Body.GetProperty("code").GetString()));
        Assert.Equal(200, (await node.CallAsync("DELETE", Path(user + 2_000_000), node.TokenOf(user + 2_000_000))).Status);
    }

    [Fact]
    public async Task An_export_of_many_messages_is_whole()
    {
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        for (var message = 0; message < 230; message++)
        {
            await node.WriteAsync(user, business, $"number {message}");
        }

        var export = (await node.CallAsync("GET", $"{Path(user)}/export", node.TokenOf(user))).Body;
        Assert.Equal(
            Enumerable.Range(0, 230).Select(message => $"number {message}"),
            export.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("content").GetProperty("text").GetProperty("body").GetString()));
    }

    [Fact]
    public async Task An_export_is_the_users_own_and_five_a_day()
    {
        var user = NodeFixture.NewUser();
        Assert.Equal(403, (await node.CallAsync("GET", $"{Path(user)}/export", node.TokenOf(user + 1_000_000))).Status);
        Assert.Equal(403, (await node.CallAsync("GET", $"{Path(user)}/export", node.Operator)).Status);
        for (var export = 0; export < 5; export++)
        {
            var empty = await node.CallAsync("GET", $"{Path(user)}/export", node.TokenOf(user));
            Assert.Equal(0, empty.Body.GetProperty("messages").GetArrayLength());
        }

        var sixth = await node.CallAsync("GET", $"{Path(user)}/export", node.TokenOf(user));
        Assert.Equal((429, "rate_limited"), (sixth.Status, sixth.Body.GetProperty("code").GetString()));
        Assert.True(sixth.Body.TryGetProperty("retry_at", out _));
    }

    [Fact]
    public async Task Somebody_erased_is_unknown_to_business_and_files()
    {
        const string Secret = "the-secret-of-the-one-who-left";
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        await LiveAsync(business, user, Secret);
        Assert.True(node.IsInFiles(Encoding.UTF8.GetBytes(Secret)));
        Assert.True(node.IsInFiles(Number(user)));
        Assert.True(node.IsInFiles(Key(user)));

        Assert.Equal(403, (await node.CallAsync("DELETE", Path(user), node.TokenOf(user + 1_000_000))).Status);
        Assert.Equal(403, (await node.CallAsync("DELETE", Path(user), business.Token)).Status);
        var erased = await node.CallAsync("DELETE", Path(user), node.TokenOf(user));
        Assert.Equal((200, true), (erased.Status, erased.Body.GetProperty("changed").GetBoolean()));
        Assert.False((await node.CallAsync("DELETE", Path(user), node.TokenOf(user))).Body.GetProperty("changed").GetBoolean());

        var export = (await node.CallAsync("GET", $"{Path(user)}/export", node.TokenOf(user))).Body;
        Assert.All(new[] { "messages", "consent_log", "keys" }, part => Assert.Equal(0, export.GetProperty(part).GetArrayLength()));
        var refused = await node.SendTextAsync(business, user);
        Assert.Equal(131026, refused.Code);

        await node.SweepAsync(TimeSpan.FromDays(8));
        Assert.False(node.IsInFiles(Encoding.UTF8.GetBytes(Secret)));
        Assert.False(node.IsInFiles(Encoding.UTF8.GetBytes(NodeFixture.User(user))));
        Assert.False(node.IsInFiles(Number(user)));
        Assert.False(node.IsInFiles(Key(user)));

        var events = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/events?limit=1000", business.Token);
        var mine = events.Body.GetProperty("events").EnumerateArray().ToArray();
        Assert.Contains(mine, e => e.GetProperty("kind").GetString() == "failed");
        Assert.DoesNotContain(mine, e => e.TryGetProperty("user", out _) || e.TryGetProperty("message", out _));
        var audit = await node.CallAsync("GET", "/v1/audit?limit=1000", node.Operator);
        Assert.Contains("user_erased", audit.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(NodeFixture.User(user), audit.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_streams_of_somebody_erased_end_whether_their_devices_have_names_or_not()
    {
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        await LiveAsync(business, user, "hello");
        await using var phone = await StreamClient.OpenAsync(node, user, "phone");
        await using var nameless = await StreamClient.OpenAsync(node, user);
        await phone.NextAsync();
        await nameless.NextAsync();

        Assert.Equal(200, (await node.CallAsync("DELETE", Path(user), node.TokenOf(user))).Status);
        await phone.Ended;
        await nameless.Ended;
    }

    [Fact]
    public async Task A_stream_without_a_device_ends_also_where_its_user_has_none()
    {
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        await node.WriteAsync(user, business);
        await using var nameless = await StreamClient.OpenAsync(node, user);
        Assert.Equal(200, (await node.CallAsync("DELETE", Path(user), node.TokenOf(user))).Status);
        await nameless.Ended;
    }

    private static string Path(long user) => $"/v1/users/{NodeFixture.User(user)}";

    /// <summary>As SQLite writes a number of this size: six bytes, the highest first.</summary>
    private static byte[] Number(long user)
    {
        var bytes = new byte[sizeof(long)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, user);
        return bytes[2..];
    }

    /// <summary>As SQLite writes the key of a row: seven bits a byte, the highest first.</summary>
    private static byte[] Key(long user)
    {
        var bytes = new List<byte>();
        for (var rest = user; rest > 0; rest >>= 7)
        {
            bytes.Insert(0, (byte)((int)(rest & 0x7F) | (bytes.Count == 0 ? 0 : 0x80)));
        }

        return [.. bytes];
    }

    /// <summary>A device, an opt-in, a message each way, a report, preferences.</summary>
    private async Task LiveAsync(TestBusiness business, long user, string text)
    {
        var token = node.TokenOf(user);
        await OkAsync("PUT", "/devices/phone", null);
        await node.OptInAsync(business, user, "utility");
        await node.WriteAsync(user, business, text);
        var to = NodeFixture.User(user);
        var body = new { messaging_product = "whatsapp", to, type = "text", text = new { body = text }, biz_opaque_callback_data = "order 7" };
        var sent = await node.CallAsync("POST", $"/v24.0/{business.Number}/messages", business.Token, body, ("Idempotency-Key", "the-key-of-one"));
        Assert.True(sent.Status == 200, sent.Text);
        await OkAsync("POST", $"/businesses/{business.Id}/reports", new { reason = "spam" });
        await OkAsync("PUT", "/preferences", new { businesses = true, marketing = true, languages = new[] { "de" } });

        async Task OkAsync(string method, string path, object? request)
        {
            var reply = await node.CallAsync(method, Path(user) + path, token, request);
            Assert.True(reply.Status is 200 or 201, reply.Text);
        }
    }

    /// <summary>A node of its own, whose files nobody else writes to.</summary>
    public sealed class Alone : NodeFixture
    {
        private string Directory => Services.GetRequiredService<GrainsSettings>().Directory!;

        /// <summary>As the node does it by itself, but as if so much time had passed.</summary>
        public async Task SweepAsync(TimeSpan later)
        {
            var ledger = Services.GetRequiredService<UserLedger>();
            var now = ledger.Clock.Now + later;
            await ledger.Store.RewriteErasedAsync(now, TestContext.Current.CancellationToken);
            await ledger.Store.ForgetErasedAsync(now - Policy.Users.Erasure.TombstoneLife, TestContext.Current.CancellationToken);
        }

        /// <summary>Whether these bytes are anywhere in the databases' files, their logs included.</summary>
        public bool IsInFiles(ReadOnlySpan<byte> bytes)
        {
            foreach (var path in System.IO.Directory.EnumerateFiles(Directory, "*.db*"))
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var all = new MemoryStream();
                file.CopyTo(all);
                if (all.ToArray().AsSpan().IndexOf(bytes) >= 0)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
