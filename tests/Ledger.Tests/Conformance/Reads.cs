using Actors.Policy.Users;

namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task Users_without_a_row_are_missing_in_the_answer()
    {
        await WriteAsync(Given.Commit(7, 0, Given.Send(1)));

        Assert.Equal([7], (await Store.ReadUsersAsync([1, 7, long.MaxValue], Cancel)).Select(record => record.User));
        Assert.Empty(await Store.ReadUsersAsync([], Cancel));
    }

    [Fact]
    public async Task A_message_that_is_not_there_is_null()
    {
        await WriteAsync(Given.Commit(1, 0, Given.Send(1, key: 5)));

        Assert.Null(await Store.ReadMessageAsync(1, 2, Cancel));
        Assert.Null(await Store.ReadMessageAsync(2, 1, Cancel));
        Assert.Null(await Store.FindMessageAsync(1, 6, Cancel));
        Assert.Null(await Store.FindMessageAsync(2, 5, Cancel));
    }

    [Fact]
    public async Task The_newest_message_of_a_key_is_found()
    {
        await WriteAsync(Given.Commit(1, 0, Given.Send(1, key: 5)));
        await WriteAsync(Given.Commit(1, 1, Given.Send(2, key: 5)));
        await WriteAsync(Given.Commit(1, 2, Given.Send(3, key: ulong.MaxValue - 1)));

        Assert.Equal(2, (await Store.FindMessageAsync(1, 5, Cancel))!.Number);
        Assert.Equal(3, (await Store.FindMessageAsync(1, ulong.MaxValue - 1, Cancel))!.Number);
    }

    [Fact]
    public async Task Messages_are_read_in_pages_by_number_and_direction()
    {
        for (var number = 1; number <= 6; number++)
        {
            var message = Given.Message(number, direction: number % 2 == 0 ? Direction.FromUser : Direction.ToUser);
            await WriteAsync(Given.Commit(1, number - 1, Given.Send(number) with { Message = message }));
        }

        Assert.Equal([1, 2, 3], await Numbers(0, null, 3));
        Assert.Equal([4, 5, 6], await Numbers(3, null, 100));
        Assert.Equal([3, 5], await Numbers(1, Direction.ToUser, 100));
        Assert.Equal([2, 4], await Numbers(0, Direction.FromUser, 2));
        Assert.Empty(await Numbers(6, null, 100));

        async Task<IEnumerable<long>> Numbers(long after, Direction? direction, int limit) =>
            (await Store.ReadMessagesAsync(1, after, direction, limit, Cancel)).Select(message => message.Number);
    }

    [Fact]
    public async Task Many_messages_of_many_users_are_read_at_once_and_contents_only_of_what_users_wrote()
    {
        for (var user = 1; user <= 40; user++)
        {
            for (var number = 1; number <= 5; number++)
            {
                var message = Given.Message(number, direction: number % 2 == 0 ? Direction.FromUser : Direction.ToUser, content: $"{user}/{number}");
                await WriteAsync(Given.Commit(user, number - 1, Given.Send(number) with { Message = message }));
            }
        }

        (long User, long Number)[] asked = [.. from user in Enumerable.Range(1, 50) from number in (int[])[1, 2, 4, 9] select ((long)user, (long)number)];
        var found = await Store.ReadMessagesAsync(asked, Cancel);

        Assert.Equal(asked.Where(pair => pair is { User: <= 40, Number: <= 5 }).Order(), found.Select(row => (row.User, row.Message.Number)).Order());
        foreach (var (user, message) in found)
        {
            var whole = (await Store.ReadMessageAsync(user, message.Number, Cancel))!;
            var content = message.Direction == Direction.FromUser ? whole.Content.ToArray() : [];
            Assert.Equal(content, message.Content.ToArray());
            Assert.Equal(whole.Explanation.ToArray(), message.Explanation.ToArray());
            Assert.Equal(whole with { Content = default, Explanation = default }, message with { Content = default, Explanation = default });
        }

        Assert.Empty(await Store.ReadMessagesAsync([], Cancel));
    }

    [Fact]
    public async Task Texts_and_contents_keep_every_character()
    {
        const string Text = "ä ß ✓ 漢字 😀 ' \" \\ \r\n\t %_";
        var message = Given.Message(1, content: Text) with { CallbackData = Text };
        await WriteAsync(Given.Commit(1, 0, Given.Send(1) with { Message = message }));

        var stored = (await Store.ReadMessageAsync(1, 1, Cancel))!;
        Assert.Equal(message.Content.ToArray(), stored.Content.ToArray());
        Assert.Equal(Text, stored.CallbackData);
    }

    [Fact]
    public async Task What_is_empty_or_missing_stays_so()
    {
        var message = Given.Message(1, content: "") with { CallbackData = null, Explanation = default };
        await WriteAsync(Given.Commit(1, 0, Given.Send(1) with { Message = message }));

        var stored = (await Store.ReadMessageAsync(1, 1, Cancel))!;
        Assert.Equal((null, null, 0UL), (stored.CallbackData, stored.Key, stored.Body));
        Assert.Equal((0, 0), (stored.Content.Length, stored.Explanation.Length));
    }

    [Fact]
    public async Task A_restart_keeps_everything()
    {
        await WriteAsync(Given.Commit(1, 0, Given.Send(1, key: 9)));
        await WriteAsync(Given.Commit(1, 1, Given.OptIn(1)));
        await Store.AppendAsync(Given.GrainChange(1, movesEpoch: true), Cancel);
        var secret = await Store.ReadSecretAsync("wamid", 32, Cancel);
        var before = await EventsAsync(null, 2);

        await RestartAsync();

        Assert.Equal(2, Assert.Single(await Store.ReadUsersAsync([1], Cancel)).Version);
        Assert.Equal(1, (await Store.FindMessageAsync(1, 9, Cancel))!.Number);
        Assert.Single(await Store.ReadConsentsAsync(1, Cancel));
        Assert.Equal(new BusinessFence(1, 1), await Store.ReadFenceAsync(Given.Business, Cancel));
        Assert.Equal(secret, await Store.ReadSecretAsync("wamid", 32, Cancel));
        Assert.Equal(before, await EventsAsync(null, 2));

        Assert.Equal(CommitOutcome.Committed, await WriteAsync(Given.Commit(1, 2, Given.Send(2))));
        Assert.True((await EventsAsync(null, 3))[^1].Seq > before[^1].Seq);
    }

    [Fact]
    public async Task A_secret_is_made_once_and_differs_by_name()
    {
        var secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Store.ReadSecretAsync("cursor", 32, Cancel)));

        Assert.All(secrets, secret => Assert.Equal(secrets[0], secret));
        Assert.Equal(32, secrets[0].Length);
        Assert.NotEqual(secrets[0], await Store.ReadSecretAsync("wamid", 32, Cancel));
        Assert.Equal(16, (await Store.ReadSecretAsync("short", 16, Cancel)).Length);
    }

    [Fact]
    public async Task Secrets_that_are_dropped_are_gone_for_good_and_no_others_are()
    {
        string[] dropped = ["analytics/20786", "analytics/20787"], kept = ["analytics", "analytics/20788", "analytics0", "Analytics/20786", "erasure"];
        var before = new Dictionary<string, byte[]>();
        foreach (var name in dropped.Concat(kept))
        {
            before.Add(name, await Store.ReadSecretAsync(name, 32, Cancel));
        }

        await Store.DropSecretsAsync("analytics/", "analytics/20788", Cancel);
        await Store.DropSecretsAsync("analytics/", "analytics/20788", Cancel);
        await RestartAsync();

        foreach (var name in kept)
        {
            Assert.Equal(before[name], await Store.ReadSecretAsync(name, 32, Cancel));
        }

        foreach (var name in dropped)
        {
            Assert.NotEqual(before[name], await Store.ReadSecretAsync(name, 32, Cancel));
        }
    }

    [Fact]
    public async Task The_clock_is_read()
    {
        var first = await Store.ReadClockAsync(Cancel);
        var second = await Store.ReadClockAsync(Cancel);

        Assert.True(first > Given.At(-Policy.Instant.Day * 3_650));
        Assert.True(second >= first);
    }
}
