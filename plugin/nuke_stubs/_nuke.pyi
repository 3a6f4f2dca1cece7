from nuke._nuke import *
