using Actors.Policy.Users;

namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task Undelivered_messages_of_a_business_are_found_by_its_events_page_by_page()
    {
        const long Other = Given.Business + 1;
        foreach (var user in new[] { 1, 2, 3, 5, 6 })
        {
            await WriteAsync(Given.Commit(user, 0, Given.Send(1)));
        }

        var elsewhere = Given.Send(1) with { Events = [Given.Accepted(1, Other)], Message = Given.Message(1) with { Business = Other } };
        await WriteAsync(Given.Commit(4, 0, elsewhere));
        await WriteAsync(Given.Commit(2, 1, To(MessageStatus.Delivered, EventKind.Delivered)));
        await WriteAsync(Given.Commit(3, 1, To(MessageStatus.Failed, EventKind.Failed)));
        await WriteAsync(Given.Commit(5, 1, Given.Send(2)));
        var horizon = await Store.ReadHorizonAsync(Cancel);

        var all = await Store.ReadUndeliveredAsync(Given.Business, 0, horizon, 100, Cancel);
        Assert.Equal([(1, 1), (5, 1), (6, 1), (5, 2)], all.Messages);
        Assert.Equal(horizon, all.Next);
        Assert.Equal([(4, 1)], (await Store.ReadUndeliveredAsync(Other, 0, horizon, 100, Cancel)).Messages);

        var (found, place) = (new List<(long, long)>(), 0L);
        while (place < horizon)
        {
            var page = await Store.ReadUndeliveredAsync(Given.Business, place, horizon, 2, Cancel);
            Assert.True(page.Next > place);
            found.AddRange(page.Messages);
            place = page.Next;
        }

        Assert.Equal(all.Messages, found);
        var first = (await Store.ReadEventsAsync(Given.Business, 0, horizon, 1, Cancel))[0].Seq;
        Assert.Equal([(1, 1)], (await Store.ReadUndeliveredAsync(Given.Business, 0, first, 100, Cancel)).Messages);
        Assert.Empty((await Store.ReadUndeliveredAsync(Given.Business, horizon, horizon, 100, Cancel)).Messages);

        static Change To(MessageStatus status, EventKind kind) => Given.Only(new UserEvent(kind, Given.At(9), Given.Business, 1)) with
        {
            Steps = [new MessageStep(1, status, Given.At(9), null, null, Feedback.None)],
        };
    }
}
