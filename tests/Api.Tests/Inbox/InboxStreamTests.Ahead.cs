namespace Actors.Api.Tests.Inbox;

/// <summary>Streams that have read of the ledger what the log's news tell only afterwards.</summary>
public abstract partial class InboxStreamTests
{
    [Fact]
    public async Task Statuses_come_once_and_never_go_backwards_though_the_news_are_late()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(User, business);
        await node.CallAsync("PUT", $"{Me}/devices/tablet", node.TokenOf(User));
        await using var told = await StreamClient.OpenAsync(node, User);
        var (first, second) = (await SendAsync(business, "1"), await SendAsync(business, "2"));
        var last = (await told.NextAsync(2))[^1].Id;
        string next;
        node.HoldsNews = true;
        try
        {
            await SetAsync(first, "read");
            await SetAsync(second, "delivered");

            // One opens them as they are, one catches up with what became of them.
            await using var opened = await StreamClient.OpenAsync(node, User);
            Assert.Equal([(first, "read"), (second, "delivered")], (await opened.NextAsync(2)).Select(e => (e.Message, e.Status)));
            await using var resumed = await StreamClient.OpenAsync(node, User, lastId: last);
            Assert.Equal(
                [(second, "delivered"), (first, "read")], (await resumed.NextAsync(2)).OrderBy(e => e.Status).Select(e => (e.Message, e.Status)));
            node.HoldsNews = false;
            await SetAsync(second, "read");
            next = await SendAsync(business, "3");
            foreach (var stream in new[] { opened, resumed })
            {
                var all = await stream.UntilAsync(e => e.Message == next);
                Assert.Equal([(second, "read")], all.SkipLast(1).Select(e => (e.Message, e.Status)));
            }
        }
        finally
        {
            node.HoldsNews = false;
        }

        var heard = await told.UntilAsync(e => e.Message == next);
        Assert.Equal(
            [(first, "delivered"), (first, "read"), (second, "delivered"), (second, "read"), (next, "accepted")], heard.Select(e => (e.Message, e.Status)));
    }

    [Fact]
    public async Task A_template_is_pushed_as_it_was_when_it_was_sent_though_the_news_of_its_change_are_late()
    {
        var other = NodeFixture.NewUser();
        var (business, id) = await OfferedAsync(other);
        node.HoldsNews = true;
        try
        {
            await OfferAnewAsync(business, id, other);
            await using var second = await StreamClient.OpenAsync(node, other);
            Assert.Equal("Twenty percent off this week.", BodyOf(await second.NextAsync()));
        }
        finally
        {
            node.HoldsNews = false;
        }
    }

    private static string? BodyOf(StreamEvent got) => got.Data.GetProperty("rendered").GetProperty("body").GetString();
}
