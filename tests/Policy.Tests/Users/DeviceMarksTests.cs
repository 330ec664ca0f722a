using System.Collections.Immutable;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

/// <summary>What each device said of a message: once, never backwards, and for the user only.</summary>
public sealed class DeviceMarksTests
{
    private static readonly UserState Owner = With(OptedIn()) with
    {
        Messages = 9,
        Devices = [new Device("phone", Now, 9), new Device("tablet", Now, 9)],
    };

    [Fact]
    public void A_further_device_s_word_is_kept_and_nobody_hears_of_it()
    {
        var message = Message(category: Category.Utility) with { Number = 5 };
        var first = Say(Owner, message, MessageStatus.Read, "phone", Now)!;
        Assert.Equal([EventKind.Delivered, EventKind.Read], first.Events.Select(happened => happened.Kind));
        Assert.Equal([new DeviceMark("phone", Now, Now)], Assert.Single(first.Steps).Devices);

        message = message with { Status = MessageStatus.Read, DeliveredAt = Now, ReadAt = Now, Devices = first.Steps[0].Devices };
        var second = Say(first.Next, message, MessageStatus.Delivered, "tablet", Now + Second)!;
        Assert.Empty(second.Events);
        var step = Assert.Single(second.Steps);
        Assert.Equal((MessageStatus.Read, Now, Now), (step.Status, step.DeliveredAt, step.ReadAt));
        Assert.Equal([new DeviceMark("phone", Now, Now), new DeviceMark("tablet", Now + Second, null)], step.Devices);

        var third = Say(second.Next, message with { Devices = step.Devices }, MessageStatus.Read, "tablet", Now + (2 * Second))!;
        Assert.Empty(third.Events);
        Assert.Equal(
            [new DeviceMark("phone", Now, Now), new DeviceMark("tablet", Now + Second, Now + (2 * Second))], Assert.Single(third.Steps).Devices);
        foreach (var to in new[] { MessageStatus.Delivered, MessageStatus.Read })
        {
            Assert.Null(Say(third.Next, message with { Devices = third.Steps[0].Devices }, to, "tablet", Now + (3 * Second)));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("stranger")]
    public void Who_does_not_name_a_registered_device_leaves_no_mark(string? device)
    {
        var message = Message(category: Category.Utility) with { Number = 5 };
        Assert.True(Assert.Single(Say(Owner, message, MessageStatus.Delivered, device, Now)!.Steps).Devices.IsDefault);
        var read = message with { Status = MessageStatus.Read, DeliveredAt = Now, ReadAt = Now };
        Assert.Null(Say(Owner, read, MessageStatus.Read, device, Now));
    }

    [Fact]
    public void Marks_are_bounded_and_a_registered_device_finds_room()
    {
        ImmutableArray<DeviceMark> marks = [.. Enumerable.Range(0, DeviceMarks.Max).Select(i => new DeviceMark($"d{i}", Now, Now))];
        var state = Owner with { Devices = [.. Enumerable.Range(0, UserState.DevicesMax).Select(i => new Device($"d{i + 1}", Now))] };
        var said = DeviceMarks.Said(marks, state, "d8", MessageStatus.Delivered, Now + Second);
        Assert.Equal(["d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8"], said!.Value.Select(mark => mark.Device));
    }

    [Fact]
    public void Up_to_where_all_was_read_on_a_device_never_goes_back_nor_beyond_what_it_has()
    {
        var said = new Acknowledgement(MessageStatus.Read, "phone", 7, ReadUpTo: 7);
        var state = Acknowledgements.Noted(Owner with { Devices = [new Device("phone", Now, 2)] }, said);
        Assert.Equal(new Device("phone", Now, 7, 7), Assert.Single(state.Devices));
        Assert.Same(state, Acknowledgements.Noted(state, said with { UpTo = 6, ReadUpTo = 6 }));
        Assert.Equal(new Device("phone", Now, 8, 8), Assert.Single(Acknowledgements.Noted(state, said with { UpTo = 8, ReadUpTo = 9 }).Devices));
        Assert.Equal(new Device("phone", Now, 8, 7), Assert.Single(Acknowledgements.Noted(state, said with { UpTo = 8, ReadUpTo = 0 }).Devices));
    }

    private static Change? Say(UserState state, StoredMessage message, MessageStatus to, string? device, Instant now) =>
        Acknowledgements.Decide(state, new Acknowledgement(to, device), [message], [], Numbers, now).Change;
}
