using Actors.Policy;

namespace Actors.Contracts;

/// <summary>The policy's numbers as this process knows them. One per process; thread-safe.</summary>
/// <remarks>
/// What it holds may be behind for a moment. No send is accepted by it then: a commit carries the version that it was decided by, and the ledger refuses an
/// older one.
/// </remarks>
/// <param name="read">Reads the newest version; an outage where it can't.</param>
public sealed class PolicyBook(Func<Task<PolicyNumbers>> read)
{
    private readonly Lock _lock = new();
    private volatile PolicyNumbers? _current;
    private volatile ShadowPolicy? _shadow;
    private Task? _reading;

    /// <summary>The numbers to decide by. They never change: whoever decides takes them once, so that all of a decision is made by the same ones.</summary>
    /// <exception cref="InvalidOperationException">They haven't been read yet.</exception>
    public PolicyNumbers Current => _current ?? throw new InvalidOperationException("The policy hasn't been read yet.");

    /// <summary>Numbers to try beside the ones that hold; null for none.</summary>
    public ShadowPolicy? Shadow
    {
        get => _shadow;
        set => _shadow = value;
    }

    /// <summary>Takes numbers that were read. Never goes back: an older version changes nothing.</summary>
    public void Take(PolicyNumbers numbers)
    {
        lock (_lock)
        {
            if (_current is null || _current.Version < numbers.Version)
            {
                _current = numbers;
            }
        }
    }

    /// <summary>Reads the numbers where this process is behind a version that somebody else knows of. </summary>
    /// <param name="version">The version.</param>
    /// <exception cref="OutageException">They can't be read now.</exception>
    public async ValueTask AtLeastAsync(uint version)
    {
        // Whoever asks at the same time shares the answer. It may have been on its way before the version came to be: a second one wasn't.
        for (var tries = 0; tries < 2 && Current.Version < version; tries++)
        {
            await ReadAsync();
        }
    }

    private Task ReadAsync()
    {
        lock (_lock)
        {
            return _reading is { IsCompleted: false } reading ? reading : _reading = Read();
        }

        async Task Read()
        {
            await Task.Yield();   // off the lock
            Take(await read());
        }
    }
}
