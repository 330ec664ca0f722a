using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

public sealed class IdempotencyTests
{
    private static readonly TimeSpan Life = Numbers.Messages.KeyLife;

    private static UserState Used(params ReadOnlySpan<KeyReceipt> keys) => UserState.Empty with { Keys = [.. keys] };

    private static (KeyUse Use, long Message) Find(UserState state, ulong key, ulong body, Instant? now = null) =>
        Idempotency.Find(state, key, body, Numbers, now ?? Now);

    [Fact]
    public void The_same_key_and_body_find_the_message_that_they_made()
    {
        var state = Used(new KeyReceipt(1, 10, 5, Now), new KeyReceipt(2, 20, 6, Now));
        Assert.Equal((KeyUse.Same, 5L), Find(state, 1, 10));
        Assert.Equal((KeyUse.Same, 6L), Find(state, 2, 20));
        Assert.Equal((KeyUse.Other, 0L), Find(state, 1, 20));
        Assert.Equal((KeyUse.New, 0L), Find(state, 3, 10));
    }

    [Fact]
    public void A_key_is_remembered_for_its_life()
    {
        var state = Used(new KeyReceipt(1, 10, 5, Now));
        Assert.Equal(KeyUse.Same, Find(state, 1, 10, Now + Life - Tick).Use);
        Assert.Equal(KeyUse.Other, Find(state, 1, 11, Now + Life - Tick).Use);
        Assert.Equal(KeyUse.New, Find(state, 1, 10, Now + Life).Use);
        Assert.Equal(KeyUse.New, Find(state, 1, 11, Now + Life).Use);
        Assert.Equal(KeyUse.New, Find(state with { LastAt = Now + Life }, 1, 10, Now).Use);
    }

    [Fact]
    public void A_key_that_was_used_again_after_its_life_means_the_newer_message()
    {
        var state = Used(new KeyReceipt(1, 10, 5, Now - Life), new KeyReceipt(1, 11, 6, Now));
        Assert.Equal((KeyUse.Same, 6L), Find(state, 1, 11));
        Assert.Equal(KeyUse.Other, Find(state, 1, 10).Use);
    }

    [Fact]
    public void Keys_that_fell_out_are_looked_up_as_long_as_one_of_them_can_live()
    {
        var state = Used(new KeyReceipt(1, 10, 5, Now)) with { KeysDroppedAt = Now };
        Assert.Equal((KeyUse.LookUp, 0L), Find(state, 2, 20));
        Assert.Equal(KeyUse.LookUp, Find(state, 2, 20, Now + Life - Tick).Use);
        Assert.Equal(KeyUse.New, Find(state, 2, 20, Now + Life).Use);
        Assert.Equal(KeyUse.Same, Find(state, 1, 10).Use);
    }

    [Fact]
    public void A_key_that_was_looked_up_is_judged_like_one_in_the_record()
    {
        var newest = Message() with { At = Now, Key = 1, Body = 10 };
        Assert.Equal((KeyUse.Same, 5L), Idempotency.Find(newest, 10, Numbers, Now + Life - Tick));
        Assert.Equal((KeyUse.Other, 0L), Idempotency.Find(newest, 11, Numbers, Now + Life - Tick));
        Assert.Equal((KeyUse.New, 0L), Idempotency.Find(newest, 10, Numbers, Now + Life));
        Assert.Equal((KeyUse.New, 0L), Idempotency.Find(null, 10, Numbers, Now));
    }

    [Fact]
    public void Beyond_eight_keys_the_oldest_falls_out_and_the_record_says_when_it_was_used()
    {
        var state = With(OptedIn());
        for (ulong i = 1; i <= UserState.KeysMax; i++)
        {
            state = Decide(state, Send(Category.Utility) with { Key = i, Body = i }, Now + (i * Second)).Done().Next;
        }

        Assert.Equal(8, state.Keys.Length);
        Assert.Null(state.KeysDroppedAt);

        state = Decide(state, Send(Category.Utility) with { Key = 9, Body = 9 }, Now + (9 * Second)).Done().Next;
        Assert.Equal([2UL, 3UL, 4UL, 5UL, 6UL, 7UL, 8UL, 9UL], state.Keys.Select(key => key.Key));
        Assert.Equal(Now + Second, state.KeysDroppedAt);
        Assert.Equal(KeyUse.LookUp, Find(state, 1, 1, Now + (9 * Second)).Use);

        // A send without a key leaves them alone; a message of the user shares them.
        state = Decide(state, Send(Category.Utility), Now + (10 * Second)).Done().Next;
        Assert.Equal(Now + Second, state.KeysDroppedAt);
        state = state.After(Says("hi") with { Key = 10, Body = 1 }, Now + (11 * Second));
        Assert.Equal(10UL, state.Keys[^1].Key);
        Assert.Equal(Now + (2 * Second), state.KeysDroppedAt);
    }
}
