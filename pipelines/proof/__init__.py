"""What proves a document: envelopes, signatures, rosters, trees and notes; bytes in, verdict out."""
