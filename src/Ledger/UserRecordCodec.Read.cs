using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

public static partial class UserRecordCodec
{
    private static (UserState State, ReadOnlyMemory<byte> ConsentHead) Read(ref ByteReader reader, byte version)
    {
        var now = reader.UpTo(long.MaxValue);
        var messages = reader.UpTo(long.MaxValue);
        var consentEntries = (uint)reader.UpTo(uint.MaxValue);
        var bits = version == Version1 ? reader.Byte() & (HasOwnNumber - 1) : reader.Byte();
        var head = (bits & HasHead) == 0 ? [] : reader.Raw(HeadLength).ToArray();
        var keysDroppedAt = (bits & HasDroppedKeys) == 0 ? (Instant?)null : ReadInstant(ref reader, now);

        var languages = new string[reader.Count()];
        for (var i = 0; i < languages.Length; i++)
        {
            languages[i] = reader.Text();
        }

        var own = (bits & HasOwnNumber) == 0 ? (byte?)null : reader.Byte();
        var quiet = (bits & HasQuietHours) == 0 ? null : ReadQuietHours(ref reader);

        var relations = new Relation[reader.Count()];
        var business = 0L;
        for (var i = 0; i < relations.Length; i++)
        {
            business = unchecked(business + reader.Signed());
            relations[i] = ReadRelation(ref reader, business, now, version);
        }

        var receipts = new Receipt[reader.Count()];
        for (var i = 0; i < receipts.Length; i++)
        {
            var place = (int)reader.UpTo(relations.Length) - 1;
            var sender = place < 0 ? reader.Signed() : relations[place].Business;
            var at = ReadInstant(ref reader, now);
            receipts[i] = new Receipt(sender, at, messages - reader.Signed());
        }

        var keys = new KeyReceipt[reader.Count()];
        for (var i = 0; i < keys.Length; i++)
        {
            var (key, body, message) = (reader.Fixed64(), reader.Fixed64(), messages - reader.Signed());
            keys[i] = new KeyReceipt(key, body, message, ReadInstant(ref reader, now));
        }

        var devices = new Device[reader.Count()];
        for (var i = 0; i < devices.Length; i++)
        {
            var name = reader.Text();
            var since = ReadInstant(ref reader, now);
            var acked = version < Version3 ? 0 : messages - reader.Signed();
            devices[i] = new Device(name, since, acked, version < Version4 ? 0 : messages - reader.Signed());
        }

        var outcomes = (bits & HasOutcomes) == 0 ? default : ReadOutcomes(ref reader);
        var open = (bits & HasOpenOutcomes) == 0 ? [] : new OpenOutcome[reader.Count()];
        for (var i = 0; i < open.Length; i++)
        {
            var message = messages - reader.Signed();
            open[i] = new OpenOutcome(message, ReadInstant(ref reader, now));
        }

        const int Usual = WantsBusinesses | WantsMarketing;
        var isUsual = (bits & (Usual | HasOwnNumber | HasQuietHours)) == Usual && languages.Length == 0;
        var state = new UserState
        {
            LastAt = new Instant(now),
            Messages = messages,
            ConsentEntries = consentEntries,
            Preferences = isUsual
                ? Preferences.Default
                : new Preferences((bits & WantsBusinesses) != 0, (bits & WantsMarketing) != 0, Owned(languages))
                {
                    MarketingPerDay = own,
                    QuietHours = quiet,
                },
            Relations = Owned(relations),
            Receipts = Owned(receipts),
            Keys = Owned(keys),
            KeysDroppedAt = keysDroppedAt,
            Devices = Owned(devices),
            Outcomes = outcomes,
            OpenOutcomes = Owned(open),
        };
        return (state, head);
    }

    private static QuietHours ReadQuietHours(ref ByteReader reader)
    {
        var (start, end, timeZone) = ((int)reader.UpTo(int.MaxValue), (int)reader.UpTo(int.MaxValue), reader.Text());
        try
        {
            return new QuietHours(start, end, timeZone);
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException("Stored quiet hours are out of range.");
        }
    }

    private static Outcomes ReadOutcomes(ref ByteReader reader)
    {
        var packed = (uint)reader.UpTo((2u << Outcomes.Max) - 1);
        var count = BitOperations.Log2(packed);
        return packed > 1 ? new Outcomes(count, packed ^ (1u << count)) : throw new InvalidDataException("Stored outcomes are none.");
    }

    private static Relation ReadRelation(ref ByteReader reader, long business, long now, byte version)
    {
        var bits = (int)reader.UpTo(version switch { Version1 => RelationBits1, Version2 => RelationBits2, _ => RelationBits3 });
        var utility = (bits & HasUtility) == 0 ? default : ReadConsent(ref reader, now);
        var authentication = ((bits >> AuthenticationShift) & 3) switch
        {
            Absent => default,
            Own => ReadConsent(ref reader, now),
            AsUtility => utility,
            _ => throw new InvalidDataException("A stored consent refers to itself."),
        };
        var marketing = ((bits >> MarketingShift) & 3) switch
        {
            Absent => default,
            Own => ReadConsent(ref reader, now),
            AsUtility => utility,
            _ => authentication,
        };
        var stop = Known((MarketingStop)((bits >> StopShift) & 3), MarketingStop.ByCall);
        var blockedAt = ReadInstant(ref reader, now, bits & IsBlocked);
        var blockReason = blockedAt is null ? ComplaintReason.NoReason : Known((ComplaintReason)reader.Byte(), ComplaintReason.Other);

        var relation = new Relation
        {
            Business = business,
            Utility = utility,
            Authentication = authentication,
            Marketing = marketing,
            Stop = stop,
            BlockedAt = blockedAt,
            BlockReason = blockReason,
            BlockedByBusinessAt = ReadInstant(ref reader, now, bits & IsBlockedByBusiness),
            WindowFrom = ReadInstant(ref reader, now, bits & HasWindow),
            PairRested = ReadInstant(ref reader, now, bits & HasPair) ?? default,
            OpenedAt = ReadInstant(ref reader, now, bits & HasOpened),
            Undelivered = (bits & HasUndelivered) == 0 ? 0 : (int)reader.UpTo(int.MaxValue),
            Quality = (bits & HasQuality) == 0 ? null : ReadQuality(ref reader, business, now),
            RestsUntil = ReadInstant(ref reader, now, bits & HasRest),
        };
        if ((bits & (HasTurn | IsUsersTurn)) == IsUsersTurn)
        {
            throw new InvalidDataException("A stored turn is nobody's.");
        }

        var isUsers = (bits & IsUsersTurn) != 0;
        return (bits & HasTurn) == 0
            ? relation
            : relation with { Turn = new Turn(isUsers, ReadInstant(ref reader, TurnFrom(isUsers, relation, now))) };
    }

    private static Consent ReadConsent(ref ByteReader reader, long now)
    {
        var packed = reader.Byte();
        var status = Known((ConsentStatus)(packed >> 4), ConsentStatus.StoppedWhileWithdrawn);
        var source = Known((ConsentSource)(packed & 15), ConsentSource.Other);
        var at = ReadInstant(ref reader, now);
        return new Consent(status, at, source, (uint)reader.UpTo(uint.MaxValue));
    }

    private static Instant? ReadInstant(ref ByteReader reader, long now, int isThere) => isThere == 0 ? null : ReadInstant(ref reader, now);

    private static Instant ReadInstant(ref ByteReader reader, long now)
    {
        var at = unchecked(now - reader.Signed());
        return at >= 0 ? new Instant(at) : throw new InvalidDataException("A stored instant is out of range.");
    }

    // A newer program may know more: to read its value as something else would be a decision about consent made by accident.
    private static T Known<T>(T value, T last) where T : struct, Enum =>
        Comparer<T>.Default.Compare(value, last) <= 0 ? value : throw new InvalidDataException($"A stored {typeof(T).Name} is unknown.");

    private static ImmutableArray<T> Owned<T>(T[] items) => ImmutableCollectionsMarshal.AsImmutableArray(items);
}
