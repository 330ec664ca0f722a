using System.Collections;
using System.Net;

namespace Actors.Api.Hosting;

/// <summary>
/// Takes out of logs what Orleans writes about calls: it prints whole messages, with the arguments of the call and the grain's key, and a user's key is a phone
/// number. Of its own lines the words stay, and values that can't be either; of the exceptions that carry a message, in whoever's line, the type and the place.
/// </summary>
internal sealed class DiscreetLogs(LoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) =>
        new Discreet(inner.CreateLogger(categoryName), categoryName.StartsWith("Orleans.", StringComparison.Ordinal) || categoryName == "Orleans");

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    /// <summary>Whether what an exception says, or one in it, may be a call.</summary>
    private static bool IsOfCall(Exception? exception) => exception is not null
        && (exception is TimeoutException or OrleansException or AggregateException { InnerExceptions.Count: > 1 } || IsOfCall(exception.InnerException));

    private sealed class Discreet(ILogger inner, bool isOrleans) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!isOrleans && !IsOfCall(exception))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
                return;
            }

            if (inner.IsEnabled(logLevel))
            {
                var told = exception is null ? null : new DiscreetException(exception);
                inner.Log(logLevel, eventId, isOrleans ? Words(state) : formatter(state, told), told, static (text, _) => text);
            }
        }

        /// <summary>The words of a line, with those of its values that are a matter of machines.</summary>
        private static string Words<TState>(TState state)
        {
            if (state is not IEnumerable<KeyValuePair<string, object?>> values)
            {
                return "(not shown)";
            }

            var text = "(not shown)";
            var shown = new List<KeyValuePair<string, object?>>();
            foreach (var value in values)
            {
                if (value.Key == "{OriginalFormat}")
                {
                    text = value.Value as string ?? text;
                }
                else if (value.Value is TimeSpan or Enum or SiloAddress or EndPoint or bool)
                {
                    shown.Add(value);
                }
            }

            return shown.Aggregate(text, (words, value) => words.Replace($"{{{value.Key}}}", $"{value.Value}", StringComparison.Ordinal));
        }
    }

    /// <summary>An exception without what it says.</summary>
    private sealed class DiscreetException(Exception of) : Exception("(not shown)")
    {
        public override string? StackTrace => of.StackTrace;

        public override IDictionary Data => new Dictionary<string, string>();

        public override string ToString()
        {
            var (types, at) = ("", of);
            for (var one = of; one is not null; one = one.InnerException)
            {
                (types, at) = ($"{types}{(types.Length == 0 ? "" : " <- ")}{one.GetType().FullName}", one);
            }

            return $"{types}{Environment.NewLine}{of.StackTrace}{(ReferenceEquals(at, of) ? "" : Environment.NewLine + at.StackTrace)}";
        }
    }
}
