using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Actors.Ledger.Tests;

/// <summary>A logger that knows which lines were logged.</summary>
internal sealed class LogLines : ILogger
{
    private readonly ConcurrentBag<int> _ids = [];

    /// <summary>How often a line was logged.</summary>
    public int Count(int id) => _ids.Count(one => one == id);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _ids.Add(eventId.Id);
}
