using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Contracts;

/// <summary>How a user's devices, and what they said of messages, cross a grain call.</summary>
/// <remarks>A member added to the type is added to its surrogate with the next id; no id is ever used again.</remarks>
[RegisterConverter]
internal sealed class DeviceConverters :
    IConverter<Device, DeviceSurrogate>,
    IConverter<DeviceMark, DeviceMarkSurrogate>
{
    public Device ConvertFromSurrogate(in DeviceSurrogate s) => new(s.Name, s.Since, s.Acked, s.ReadUpTo);

    public DeviceSurrogate ConvertToSurrogate(in Device v) => new(v.Name, v.Since, v.Acked, v.ReadUpTo);

    public DeviceMark ConvertFromSurrogate(in DeviceMarkSurrogate s) => new(s.Device, s.DeliveredAt, s.ReadAt);

    public DeviceMarkSurrogate ConvertToSurrogate(in DeviceMark v) => new(v.Device, v.DeliveredAt, v.ReadAt);
}

[GenerateSerializer, Immutable, Alias("actors.policy.device")]
internal readonly record struct DeviceSurrogate(
    [property: Id(0)] string Name, [property: Id(1)] Instant Since, [property: Id(2)] long Acked, [property: Id(3)] long ReadUpTo);

[GenerateSerializer, Immutable, Alias("actors.policy.device-mark")]
internal readonly record struct DeviceMarkSurrogate(
    [property: Id(0)] string Device, [property: Id(1)] Instant DeliveredAt, [property: Id(2)] Instant? ReadAt);
