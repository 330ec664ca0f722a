using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Actors.Ledger;

/// <summary>What a commit was decided under: a business's epoch and a version of the policy.</summary>
/// <param name="Business">0 where no business's epoch matters: then the epoch is the policy's.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Policy">The version of the policy; negative where none matters.</param>
internal readonly record struct BatchFence(long Business, long Epoch, long Policy)
{
    public static BatchFence? Of(EncodedCommit commit) => (commit.Fence, commit.Policy) switch
    {
        ({ } fence, { } policy) => new(fence.Business, fence.Epoch, policy),
        ({ } fence, null) => new(fence.Business, fence.Epoch, -1),
        (null, { } policy) => new(Fence.OfPolicy, policy, policy),
        (null, null) => null,
    };
}

/// <summary>A batch turned into the typed arrays that the statement unfolds. The order of parameters is that of <see cref="PostgresWriteSql"/>.</summary>
internal sealed class PostgresBatch
{
    private readonly IReadOnlyList<EncodedCommit> _commits;
    private readonly Dictionary<BatchFence, int> _fences = [];
    private int _messages, _steps, _consents, _events;

    /// <summary>Counts the parts.</summary>
    /// <exception cref="ArgumentException">A bug: users are not ascending and distinct, which would deadlock or hide a lost commit.</exception>
    public PostgresBatch(IReadOnlyList<EncodedCommit> commits)
    {
        _commits = commits;
        var last = long.MinValue;
        foreach (var commit in commits)
        {
            if (commit.User <= last)
            {
                throw new ArgumentException("A batch must be sorted by user, each user once.", nameof(commits));
            }

            last = commit.User;
            Parts |= commit.ExpectedVersion == 0 ? BatchParts.NewUsers : BatchParts.OldUsers;
            if (BatchFence.Of(commit) is { } fence)
            {
                _fences.TryAdd(fence, _fences.Count + 1);
            }

            _messages += commit.Change.Message is null ? 0 : 1;
            _steps += commit.Change.Steps.Length;
            _consents += commit.Change.Consents.Length;
            _events += commit.Change.Events.Length;
        }

        Parts |= (_fences.Count > 0 ? BatchParts.Fences : 0)
            | (_messages > 0 ? BatchParts.Messages : 0)
            | (_steps > 0 ? BatchParts.Steps : 0)
            | (_consents > 0 ? BatchParts.Consents : 0);
    }

    /// <summary>What the batch has.</summary>
    public BatchParts Parts { get; }

    /// <summary>How many commits.</summary>
    public int Count => _commits.Count;

    /// <summary>The locks of its businesses and of the policy, ascending and distinct.</summary>
    public NpgsqlParameter<int[]> Slots() => Of(
        _fences.Keys.Select(fence => PostgresWriter.LockSlot(fence.Business))
            .Concat(_fences.Keys.Any(fence => fence.Policy >= 0) ? [PostgresWriter.PolicySlot] : [])
            .Distinct().Order().ToArray(),
        NpgsqlDbType.Integer);

    /// <summary>Adds the arrays of all parts.</summary>
    public void AddTo(NpgsqlParameterCollection parameters)
    {
        AddUsers(parameters);
        if (_messages > 0)
        {
            AddMessages(parameters);
        }

        if (_steps > 0)
        {
            AddSteps(parameters);
        }

        if (_consents > 0)
        {
            AddConsents(parameters);
        }

        AddEvents(parameters);
    }

    private static NpgsqlParameter<T[]> Of<T>(T[] values, NpgsqlDbType type) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };

    private static NpgsqlParameter<long[]> Longs(long[] values) => Of(values, NpgsqlDbType.Bigint);

    private static NpgsqlParameter<long?[]> Longs(long?[] values) => Of(values, NpgsqlDbType.Bigint);

    private static NpgsqlParameter<short[]> Shorts(short[] values) => Of(values, NpgsqlDbType.Smallint);

    private static NpgsqlParameter<ReadOnlyMemory<byte>[]> Bytes(ReadOnlyMemory<byte>[] values) => Of(values, NpgsqlDbType.Bytea);

    private static NpgsqlParameter<byte[]?[]> Bytes(byte[]?[] values) => Of(values, NpgsqlDbType.Bytea);

    private static void Add(NpgsqlParameterCollection parameters, params ReadOnlySpan<NpgsqlParameter> values)
    {
        foreach (var value in values)
        {
            parameters.Add(value);
        }
    }

    private static byte[]? Utf8(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);

    private void AddUsers(NpgsqlParameterCollection parameters)
    {
        var n = _commits.Count;
        var (ids, expected, operations, records) = (new long[n], new long[n], new long[n], new ReadOnlyMemory<byte>[n]);
        for (var i = 0; i < n; i++)
        {
            var commit = _commits[i];
            (ids[i], expected[i], operations[i], records[i]) = (commit.User, commit.ExpectedVersion, commit.Operation, commit.Record);
        }

        Add(parameters, Longs(ids), Longs(expected), Longs(operations), Bytes(records));
        if (_fences.Count > 0)
        {
            // Commits point to their fence by its place, from 1; 0 is none.
            var fences = new long[n];
            for (var i = 0; i < n; i++)
            {
                fences[i] = BatchFence.Of(_commits[i]) is { } fence ? _fences[fence] : 0;
            }

            var (businesses, epochs, policies) = (new long[_fences.Count], new long[_fences.Count], new long[_fences.Count]);
            foreach (var (fence, place) in _fences)
            {
                (businesses[place - 1], epochs[place - 1], policies[place - 1]) = (fence.Business, fence.Epoch, fence.Policy);
            }

            Add(parameters, Longs(fences), Longs(businesses), Longs(epochs), Longs(policies));
        }
    }

    private void AddMessages(NpgsqlParameterCollection parameters)
    {
        var n = _messages;
        var (users, numbers, businesses, phones, templates) = (new long[n], new long[n], new long[n], new long[n], new long[n]);
        var (times, keys, bodies, directions, categories) = (new long[n], new long?[n], new long[n], new short[n], new short[n]);
        var (explanations, callbacks, contents) = (new ReadOnlyMemory<byte>[n], new byte[]?[n], new ReadOnlyMemory<byte>[n]);
        var expiries = new long?[n];
        var i = 0;
        foreach (var commit in _commits)
        {
            if (commit.Change.Message is { } m)
            {
                (users[i], numbers[i], businesses[i], phones[i], templates[i]) = (commit.User, m.Number, m.Business, m.PhoneNumber, m.Template);
                (times[i], keys[i], bodies[i]) = (m.At.Milliseconds, unchecked((long?)m.Key), unchecked((long)m.Body));
                (directions[i], categories[i]) = ((short)m.Direction, (short)m.Category);
                (explanations[i], callbacks[i], contents[i]) = (m.Explanation, Utf8(m.CallbackData), m.Content);
                expiries[i] = m.ExpiresAt?.Milliseconds;
                i++;
            }
        }

        Add(
            parameters,
            Longs(users), Longs(numbers), Longs(businesses), Longs(phones), Longs(templates), Longs(times), Longs(keys), Longs(bodies),
            Shorts(directions), Shorts(categories), Bytes(explanations), Bytes(callbacks), Bytes(contents), Longs(expiries));
    }

    private void AddSteps(NpgsqlParameterCollection parameters)
    {
        var n = _steps;
        var (users, numbers, statuses, feedbacks) = (new long[n], new long[n], new short[n], new short[n]);
        var (delivered, read, ended, drops, devices) = (new long?[n], new long?[n], new long?[n], new bool[n], new byte[]?[n]);
        var i = 0;
        foreach (var commit in _commits)
        {
            foreach (var s in commit.Change.Steps)
            {
                (users[i], numbers[i], statuses[i], feedbacks[i]) = (commit.User, s.Number, (short)s.Status, (short)s.Feedback);
                (delivered[i], read[i], ended[i]) = (s.DeliveredAt?.Milliseconds, s.ReadAt?.Milliseconds, s.EndedAt?.Milliseconds);
                devices[i] = s.Devices.IsDefault ? null : DeviceMarksCodec.Encode(s.Devices);
                drops[i++] = s.DropsContent;
            }
        }

        Add(
            parameters,
            Longs(users), Longs(numbers), Shorts(statuses), Shorts(feedbacks), Longs(delivered), Longs(read), Longs(ended),
            Of(drops, NpgsqlDbType.Boolean), Bytes(devices));
    }

    private void AddConsents(NpgsqlParameterCollection parameters)
    {
        var n = _consents;
        var (users, numbers, businesses, times, recorded) = (new long[n], new int[n], new long[n], new long[n], new long[n]);
        var (grants, categories, actors, sources) = (new bool[n], new short[n], new short[n], new short[n]);
        var (wordings, evidences, hashes) = (new byte[]?[n], new byte[]?[n], new ReadOnlyMemory<byte>[n]);
        var i = 0;
        foreach (var commit in _commits)
        {
            for (var c = 0; c < commit.Change.Consents.Length; c++, i++)
            {
                var entry = commit.Change.Consents[c];
                (users[i], numbers[i], businesses[i]) = (commit.User, checked((int)entry.Number), entry.Business);
                (times[i], recorded[i], grants[i]) = (entry.At.Milliseconds, entry.RecordedAt.Milliseconds, entry.Grant);
                (categories[i], actors[i], sources[i]) = ((short)entry.Categories, (short)entry.By, (short)entry.Source);
                (wordings[i], evidences[i], hashes[i]) = (Utf8(entry.Wording), Utf8(entry.Evidence), commit.ConsentHashes[c]);
            }
        }

        Add(
            parameters,
            Longs(users), Of(numbers, NpgsqlDbType.Integer), Longs(businesses), Longs(times), Longs(recorded), Of(grants, NpgsqlDbType.Boolean),
            Shorts(categories), Shorts(actors), Shorts(sources), Bytes(wordings), Bytes(evidences), Bytes(hashes));
    }

    private void AddEvents(NpgsqlParameterCollection parameters)
    {
        var n = _events;
        var (users, times, businesses, messages) = (new long[n], new long[n], new long[n], new long[n]);
        var (kinds, bodies) = (new short[n], new byte[]?[n]);
        var i = 0;
        foreach (var commit in _commits)
        {
            for (var j = 0; j < commit.EventBodies.Length; j++, i++)
            {
                var e = commit.Change.Events[j];
                (users[i], times[i], businesses[i], messages[i]) = (commit.User, e.At.Milliseconds, e.Business, e.Message);
                (kinds[i], bodies[i]) = ((short)e.Kind, commit.EventBodies[j]);
            }
        }

        Add(parameters, Longs(users), Longs(times), Longs(businesses), Longs(messages), Shorts(kinds), Bytes(bodies));
    }
}
