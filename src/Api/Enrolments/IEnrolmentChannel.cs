using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.Enrolments;

/// <summary>The way on which a one-time code gets to the person whose number it is, and to nobody else.</summary>
public interface IEnrolmentChannel
{
    /// <summary>Hands a code over.</summary>
    /// <param name="user">The number: its digits, without +.</param>
    /// <param name="code">Six digits. Never logged, but by the channel for development.</param>
    /// <param name="expiresAt">When it ends.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OutageException">The channel didn't take it.</exception>
    Task SendAsync(long user, string code, Instant expiresAt, CancellationToken cancellationToken);
}
