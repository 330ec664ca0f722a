namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task Consents_are_read_back_whole_and_in_order()
    {
        var first = Given.Commit(1, 0, Given.OptIn(1));
        var second = Given.Commit(1, 1, Given.OptIn(2) with
        {
            Consents = [Given.Consent(2, grant: false) with { Wording = null, Evidence = null }, Given.Consent(3)],
        });
        await WriteAsync(first);
        await WriteAsync(second);

        var log = await Store.ReadConsentsAsync(1, Cancel);

        Assert.Equal([.. first.Change.Consents, .. second.Change.Consents], log.Select(consent => consent.Entry));
        Assert.Equal(
            [.. first.ConsentHashes, .. second.ConsentHashes],
            log.Select(consent => consent.Hash),
            (a, b) => a.Span.SequenceEqual(b.Span));
        Assert.All(log, consent => Assert.Equal(1, consent.User));
        Assert.Equal(log.Select(consent => consent.Seq), log.Select(consent => consent.Seq).Distinct().Order());
    }

    [Fact]
    public async Task The_consents_of_a_business_are_read_in_pages_over_all_users()
    {
        for (var user = 1; user <= 5; user++)
        {
            await WriteAsync(Given.Commit(user, 0, Given.OptIn(1)));
            await WriteAsync(Given.Commit(user, 1, Given.OptIn(2, business: Given.Business + 1)));
        }

        var users = new List<long>();
        var after = 0L;
        while (users.Count < 5)
        {
            var page = await Store.ReadBusinessConsentsAsync(Given.Business, after, 2, Cancel);
            Assert.All(page, consent => Assert.Equal(Given.Business, consent.Entry.Business));
            Assert.True(page.Count <= 2);
            users.AddRange(page.Select(consent => consent.User));
            after = page.Count == 0 ? after : page[^1].Seq;
            Cancel.ThrowIfCancellationRequested();
        }

        Assert.Equal([1, 2, 3, 4, 5], users);
        Assert.Empty(await Store.ReadBusinessConsentsAsync(Given.Business, after, 2, Cancel));
    }
}
