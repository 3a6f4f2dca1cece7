from nuke._geo import *
