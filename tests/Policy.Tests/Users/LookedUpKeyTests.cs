using Actors.Policy.Users;

namespace Actors.Policy.Tests.Users;

/// <summary>Keys that have fallen out of the record and are found in the message rows.</summary>
public sealed class LookedUpKeyTests
{
    private const ulong Body = 77;

    private static readonly StoredMessage Message = new()
    {
        Number = 5,
        Direction = Direction.ToUser,
        Business = Some.Business,
        PhoneNumber = Some.Number,
        Template = 0,
        Category = Category.Utility,
        At = Some.Now,
        Status = MessageStatus.Read,
        Key = 1,
        Body = Body,
    };

    [Fact]
    public void A_key_without_a_message_is_new() =>
        Assert.Equal((KeyUse.New, 0), Idempotency.Find(null, Body, Some.Numbers, Some.Now));

    [Fact]
    public void The_same_body_gives_the_message_that_it_made() =>
        Assert.Equal((KeyUse.Same, 5), Idempotency.Find(Message, Body, Some.Numbers, Some.Now));

    [Fact]
    public void Another_body_is_told_from_it() =>
        Assert.Equal((KeyUse.Other, 0), Idempotency.Find(Message, Body + 1, Some.Numbers, Some.Now));

    [Fact]
    public void A_key_is_remembered_until_its_life_is_over()
    {
        var over = Some.Now + Some.Numbers.Messages.KeyLife;
        Assert.Equal((KeyUse.Same, 5), Idempotency.Find(Message, Body, Some.Numbers, over - Some.Tick));
        Assert.Equal((KeyUse.New, 0), Idempotency.Find(Message, Body, Some.Numbers, over));
        Assert.Equal((KeyUse.New, 0), Idempotency.Find(Message, Body + 1, Some.Numbers, over));
    }
}
