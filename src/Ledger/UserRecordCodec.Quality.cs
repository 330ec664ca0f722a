using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Ledger;

public static partial class UserRecordCodec
{
    // Bits of a trail; above them how many templates were counted.
    private const int HasDelivery = 1, HasCounted = 2, HasSignals = 4, CountedShift = 3;

    // By this a template's id is above its business's, but for the template's small number.
    private const long TemplateAbove = 2_000_000_000_000_000;

    private static void WriteQuality(ref ByteWriter writer, QualityTrail quality, long business, long now)
    {
        writer.Byte((byte)(
            (quality.DeliveredAt is null ? 0 : HasDelivery)
            | (quality.CountedAt is null ? 0 : HasCounted)
            | (quality.SignalsFrom is null ? 0 : HasSignals)
            | (quality.Counted.Length << CountedShift)));

        // The user counted mostly where something was delivered last, and by the template that it was: from there on differences are mostly 0.
        var (at, template) = (now, unchecked(business + TemplateAbove));
        if (quality.DeliveredAt is { } deliveredAt)
        {
            writer.Signed(at - deliveredAt.Milliseconds);
            writer.Signed(unchecked(quality.Template - template));
            (at, template) = (deliveredAt.Milliseconds, quality.Template);
        }

        if (quality.CountedAt is { } countedAt)
        {
            writer.Signed(at - countedAt.Milliseconds);
        }

        foreach (var counted in quality.Counted)
        {
            writer.Signed(unchecked(counted.Template - template));
            writer.Signed(at - counted.At.Milliseconds);
        }

        if (quality.SignalsFrom is { } signalsFrom)
        {
            writer.Signed(at - signalsFrom.Milliseconds);
            writer.Byte((byte)(quality.Heaviest ?? 0));
        }
    }

    private static QualityTrail ReadQuality(ref ByteReader reader, long business, long now)
    {
        var bits = reader.Byte();
        var (at, template) = (now, unchecked(business + TemplateAbove));
        Instant? deliveredAt = null;
        if ((bits & HasDelivery) != 0)
        {
            deliveredAt = ReadInstant(ref reader, at);
            template = unchecked(template + reader.Signed());
            at = deliveredAt.Value.Milliseconds;
        }

        var countedAt = ReadInstant(ref reader, at, bits & HasCounted);
        var counted = new CountedTemplate[bits >> CountedShift];
        if (counted.Length > QualityTrail.CountedMax)
        {
            throw new InvalidDataException("A stored trail is longer than it can be.");
        }

        for (var i = 0; i < counted.Length; i++)
        {
            var id = unchecked(template + reader.Signed());
            counted[i] = new CountedTemplate(id, ReadInstant(ref reader, at));
        }

        var signalsFrom = ReadInstant(ref reader, at, bits & HasSignals);
        return new QualityTrail
        {
            DeliveredAt = deliveredAt,
            Template = deliveredAt is null ? 0 : template,
            CountedAt = countedAt,
            Counted = Owned(counted),
            SignalsFrom = signalsFrom,
            Heaviest = signalsFrom is null ? null : ReadSignal(ref reader),
        };
    }

    private static NegativeSignal? ReadSignal(ref ByteReader reader)
    {
        var signal = Known((NegativeSignal)reader.Byte(), NegativeSignal.Report);
        return signal == 0 ? null : signal;
    }
}
