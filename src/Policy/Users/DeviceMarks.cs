using System.Collections.Immutable;

namespace Actors.Policy.Users;

/// <summary>What a device of the user said of one message. For the person only: a business hears of each status once, whichever device was first.</summary>
/// <param name="Device">The device's name; it may have been removed since.</param>
/// <param name="DeliveredAt">When it said first that it has the message.</param>
/// <param name="ReadAt">When it said first that the message was read on it; null while it didn't.</param>
public readonly record struct DeviceMark(string Device, Instant DeliveredAt, Instant? ReadAt);

/// <summary>What devices said of a message: each status once for each of them, never backwards, and in the commit that the report makes anyway.</summary>
/// <remarks>
/// Of messages that a device names, and of those that "all up to one" moves. Of others, that another device had moved before, the device's own record says
/// up to where it has everything and has read everything (<see cref="Device"/>).
/// </remarks>
public static class DeviceMarks
{
    /// <summary>Most marks of a message. A registered device always finds room: those of removed ones make it.</summary>
    public const int Max = UserState.DevicesMax;

    /// <summary>The marks once a registered device has said something; null where it has said as much before.</summary>
    /// <param name="marks">The marks, ascending by name (ordinal).</param>
    /// <param name="state">The user's record, in which the device stands.</param>
    /// <param name="device">The device.</param>
    /// <param name="to">Delivered or read.</param>
    /// <param name="now">The decision's instant.</param>
    public static ImmutableArray<DeviceMark>? Said(
        ImmutableArray<DeviceMark> marks, UserState state, string device, MessageStatus to, Instant now)
    {
        for (var i = 0; i < marks.Length; i++)
        {
            if (marks[i].Device == device)
            {
                return to != MessageStatus.Read || marks[i].ReadAt is not null ? null : marks.SetItem(i, marks[i] with { ReadAt = now });
            }
        }

        if (marks.Length >= Max)
        {
            marks = marks.Remove(marks.First(mark => !Knows(state, mark.Device)));
        }

        var place = marks.Count(mark => string.CompareOrdinal(mark.Device, device) < 0);
        return marks.Insert(place, new DeviceMark(device, now, to == MessageStatus.Read ? now : null));
    }

    /// <summary>Whether a device of this name is registered.</summary>
    internal static bool Knows(UserState state, string? device) => device is not null && state.Devices.Any(known => known.Name == device);
}
